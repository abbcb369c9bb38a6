/**
 * The control channel on Jetty's WebSocket. Open to Jetty's reflection, which calls the listener; for this module only.
 */
@NullMarked
package io.culvert.tunnel.jetty.internal.channel;

import org.jspecify.annotations.NullMarked;
