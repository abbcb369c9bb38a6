/** An application that follows a WebSocket, and must come back whenever that ends. */
@NullMarked
package io.culvert.tunnel.examples.feed;

import org.jspecify.annotations.NullMarked;
