/**
 * The Jetty side of a tunnel: the edge that visitors reach, the control channel and the {@code control}
 * transport.
 */
@NullMarked
package io.culvert.tunnel.jetty;

import org.jspecify.annotations.NullMarked;
