package io.culvert.tunnel.spi;

import io.culvert.tunnel.StreamKind;

/**
 * A relay's wish for a stream, as an agent hears it.
 *
 * @param id the stream's id
 * @param kind what it will carry
 * @param tunnel the tunnel that it is for
 */
public record StreamRequest(String id, StreamKind kind, String tunnel) {}
