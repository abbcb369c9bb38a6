/**
 * The vocabulary of the control channel, for transports and for whoever speaks the protocol directly.
 */
@NullMarked
package io.culvert.tunnel.message;

import org.jspecify.annotations.NullMarked;
