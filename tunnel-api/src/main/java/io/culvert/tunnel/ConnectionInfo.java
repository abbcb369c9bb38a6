package io.culvert.tunnel;

import java.time.Duration;

/**
 * A snapshot of one open data stream.
 *
 * @param id the stream's id, for correlating logs of relay and agent; not a credential
 * @param stream which tunnel, transport and kind
 * @param age time since the stream opened
 * @param bytesUp bytes that went toward the local service, heads included
 * @param bytesDown bytes that went toward the visitor, heads included
 */
public record ConnectionInfo(String id, StreamInfo stream, Duration age, long bytesUp, long bytesDown) {}
