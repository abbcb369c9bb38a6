package io.culvert.tunnel.testkit.fault;

import io.culvert.tunnel.StreamKind;
import org.jspecify.annotations.Nullable;

/**
 * What a fault may apply to.
 *
 * @param level whether it is a request, a stream or a connection
 * @param id the stream's or connection's id; empty while it has none
 * @param tunnel the tunnel's name; empty for connections
 * @param streamKind what the stream carries; none for connections
 * @param connectionKind what the connection is for; none for streams
 * @param head the request's head; none for the others
 */
record Subject(
        Level level,
        String id,
        String tunnel,
        @Nullable StreamKind streamKind,
        @Nullable ConnectionKind connectionKind,
        @Nullable RequestHead head) {
    enum Level {
        REQUEST,
        STREAM,
        CONNECTION
    }

    static Subject stream(String id, String tunnel, StreamKind kind) {
        return new Subject(Level.STREAM, id, tunnel, kind, null, null);
    }

    static Subject connection(String id, ConnectionKind kind) {
        return new Subject(Level.CONNECTION, id, "", null, kind, null);
    }

    Subject request(RequestHead of) {
        return new Subject(Level.REQUEST, id, tunnel, streamKind, null, of);
    }
}
