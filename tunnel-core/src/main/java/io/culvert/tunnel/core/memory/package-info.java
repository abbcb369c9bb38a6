/**
 * A transport without a network, for a relay and an agent in one JVM: for tests, and as the floor that benchmarks compare with.
 */
@NullMarked
package io.culvert.tunnel.core.memory;

import org.jspecify.annotations.NullMarked;
