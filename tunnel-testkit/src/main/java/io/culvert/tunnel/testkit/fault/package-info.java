/**
 * Bad networks on purpose: faults in a transport's streams and in the TCP connections between the parts of a tunnel. For tests of
 * applications; needs no JUnit.
 */
@NullMarked
package io.culvert.tunnel.testkit.fault;

import org.jspecify.annotations.NullMarked;
