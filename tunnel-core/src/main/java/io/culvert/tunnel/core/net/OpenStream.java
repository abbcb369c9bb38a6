package io.culvert.tunnel.core.net;

import io.culvert.tunnel.spi.DataStream;

/**
 * A stream that the edge may use, and where it counts the bytes.
 *
 * @param stream the edge owns it from now on
 * @param meter counts what goes through it
 */
public record OpenStream(DataStream stream, StreamMeter meter) {}
