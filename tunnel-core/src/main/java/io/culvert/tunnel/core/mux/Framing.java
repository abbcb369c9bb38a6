package io.culvert.tunnel.core.mux;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.Role;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.message.TunnelMessage.HttpCancel;
import io.culvert.tunnel.message.TunnelMessage.HttpRequest;
import io.culvert.tunnel.message.TunnelMessage.HttpResponse;
import io.culvert.tunnel.message.TunnelMessage.WebSocketClose;
import io.culvert.tunnel.message.TunnelMessage.WebSocketFrame;
import io.culvert.tunnel.message.TunnelMessage.WebSocketUpgrade;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one stream as one side sends them.
 *
 * @param role the sender
 * @param tunnel where an opening leads
 */
record Framing(Role role, StreamKind kind, String id, String tunnel) {
    /** The relay's first message. */
    TunnelMessage opening(ByteBuffer bytes) {
        ByteBuffer payload = bytes.hasRemaining() ? bytes : null;
        return kind == StreamKind.HTTP
                ? new HttpRequest(id, tunnel, payload)
                : new WebSocketUpgrade(id, tunnel, payload);
    }

    TunnelMessage chunk(ByteBuffer bytes) {
        if (kind == StreamKind.UPGRADE) {
            return new WebSocketFrame(id, role == Role.RELAY ? Direction.UP : Direction.DOWN, bytes);
        }
        return role == Role.RELAY ? new HttpRequest(id, null, bytes) : new HttpResponse(id, bytes);
    }

    TunnelMessage reset(String code, @Nullable String reason) {
        String words = Words.bounded(reason);
        return kind == StreamKind.HTTP ? new HttpCancel(id, code, words) : new WebSocketClose(id, code, words);
    }
}
