/**
 * Core's seams to a network stack: what the roles need of it, and what it needs of the roles. For {@code transport-jetty} only.
 */
@NullMarked
package io.culvert.tunnel.core.net;

import org.jspecify.annotations.NullMarked;
