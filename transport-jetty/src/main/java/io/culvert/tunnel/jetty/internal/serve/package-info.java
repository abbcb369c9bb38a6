/** A Jetty server as the local service, without a socket. Internal. */
@NullMarked
package io.culvert.tunnel.jetty.internal.serve;

import org.jspecify.annotations.NullMarked;
