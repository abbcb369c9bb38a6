package io.culvert.tunnel.tcp.internal;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.spi.StreamException;

/** What both halves say of a stream, by its kind. */
final class Wire {
    /** Where data connections are asked for. */
    static final String PATH = "/_ws_proxy/";

    /** The Upgrade token. */
    static final String PROTOCOL = "culvert";

    private static final int ID_LENGTH = 32;

    private Wire() {}

    static TunnelMessage opening(StreamKind kind, String id, String tunnel) {
        return kind == StreamKind.HTTP
                ? new TunnelMessage.HttpRequest(id, tunnel, null)
                : new TunnelMessage.WebSocketUpgrade(id, tunnel, null);
    }

    static TunnelMessage cancel(StreamKind kind, String id, Throwable cause) {
        String code = StreamException.errorOf(cause).code();
        String reason = String.valueOf(cause.getMessage());
        return kind == StreamKind.HTTP
                ? new TunnelMessage.HttpCancel(id, code, reason)
                : new TunnelMessage.WebSocketClose(id, code, reason);
    }

    /** Whether a peer's id has the form that the protocol gives it, and can stand in a path. */
    static boolean isId(String id) {
        return id.length() == ID_LENGTH && id.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f');
    }
}
