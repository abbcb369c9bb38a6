/** Makes captured bytes readable: HTTP with Jetty's parser, WebSocket messages behind an upgrade. Internal. */
@NullMarked
package io.culvert.tunnel.jetty.internal.capture;

import org.jspecify.annotations.NullMarked;
