package io.culvert.tunnel;

/**
 * Which data stream something is about.
 *
 * @param role the side that reports
 * @param tunnel the tunnel's name
 * @param transport the transport's name
 * @param kind what the stream carries
 */
public record StreamInfo(Role role, String tunnel, String transport, StreamKind kind) {}
