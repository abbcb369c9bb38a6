package io.culvert.tunnel.core.mux;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.Role;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.message.TunnelMessage.HttpResponse;
import io.culvert.tunnel.message.TunnelMessage.StreamMessage;
import io.culvert.tunnel.message.TunnelMessage.WebSocketFrame;
import io.culvert.tunnel.message.TunnelMessage.WebSocketReady;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.RelayContext;
import io.culvert.tunnel.spi.RelayTransport;
import io.culvert.tunnel.spi.StreamException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** The relay's half: a stream is open at once, and its first write takes the opening message along. */
final class RelayMultiplexer extends StreamMultiplexer implements RelayTransport {
    private final RelayContext context;

    RelayMultiplexer(RelayContext context) {
        super(context, Role.RELAY);
        this.context = context;
    }

    @Override
    public CompletableFuture<DataStream> open(StreamKind kind, String tunnel) {
        try {
            return CompletableFuture.completedFuture(add(kind, context.newStreamId(), tunnel));
        } catch (StreamException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public void onMessage(TunnelMessage message) {
        if (message instanceof HttpResponse response) {
            onBytes(response, StreamKind.HTTP, response.payload());
        } else if (message instanceof WebSocketFrame frame && frame.direction() == Direction.DOWN) {
            onBytes(frame, StreamKind.UPGRADE, frame.data());
        } else if (message instanceof WebSocketReady ready) {
            onReady(ready);
        } else {
            onCommonMessage(message);
        }
    }

    private void onBytes(StreamMessage message, StreamKind kind, ByteBuffer bytes) {
        MuxStream stream = streamOf(message, kind);
        if (stream != null) {
            stream.received(bytes);
        }
    }

    private void onReady(WebSocketReady message) {
        MuxStream stream = streamOf(message, StreamKind.UPGRADE);
        if (stream != null) {
            stream.peerReady();
        }
    }
}
