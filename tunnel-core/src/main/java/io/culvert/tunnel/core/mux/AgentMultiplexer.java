package io.culvert.tunnel.core.mux;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.Role;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.message.TunnelMessage.HttpRequest;
import io.culvert.tunnel.message.TunnelMessage.StreamMessage;
import io.culvert.tunnel.message.TunnelMessage.WebSocketFrame;
import io.culvert.tunnel.message.TunnelMessage.WebSocketReady;
import io.culvert.tunnel.message.TunnelMessage.WebSocketUpgrade;
import io.culvert.tunnel.spi.AgentContext;
import io.culvert.tunnel.spi.AgentTransport;
import io.culvert.tunnel.spi.LocalConnection;
import io.culvert.tunnel.spi.StreamException;
import io.culvert.tunnel.spi.StreamRequest;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The agent's half: an opening message becomes a stream, joined with a connection to the local service. */
final class AgentMultiplexer extends StreamMultiplexer implements AgentTransport {
    private static final int MAX_ID_LENGTH = 128;

    private static final Logger LOG = LoggerFactory.getLogger(AgentMultiplexer.class);

    private final AgentContext context;

    AgentMultiplexer(AgentContext context) {
        super(context, Role.AGENT);
        this.context = context;
    }

    @Override
    public void onMessage(TunnelMessage message) {
        if (message instanceof HttpRequest request) {
            onRequest(request);
        } else if (message instanceof WebSocketFrame frame && frame.direction() == Direction.UP) {
            onBytes(frame, StreamKind.UPGRADE, frame.data());
        } else if (message instanceof WebSocketUpgrade upgrade) {
            onOpening(upgrade, StreamKind.UPGRADE, upgrade.tunnel(), upgrade.initialRequest());
        } else {
            onCommonMessage(message);
        }
    }

    private void onRequest(HttpRequest request) {
        if (request.tunnel() != null) {
            onOpening(request, StreamKind.HTTP, request.tunnel(), request.payload());
        } else {
            onBytes(request, StreamKind.HTTP, request.payload());
        }
    }

    private void onBytes(StreamMessage message, StreamKind kind, @Nullable ByteBuffer bytes) {
        MuxStream stream = streamOf(message, kind);
        if (stream != null && bytes != null) {
            stream.received(bytes);
        }
    }

    private void onOpening(StreamMessage opening, StreamKind kind, String tunnel, @Nullable ByteBuffer first) {
        String id = opening.streamId();
        if (id.length() > MAX_ID_LENGTH) {
            context.protocolError("A stream's id is longer than " + MAX_ID_LENGTH + " characters.");
            return;
        }
        if (known(id)) {
            context.protocolError("Stream " + Words.bounded(id) + " was opened twice.");
            return;
        }
        MuxStream stream;
        try {
            stream = add(kind, id, tunnel);
        } catch (StreamException e) {
            send(new Framing(Role.AGENT, kind, id, tunnel).reset(e.error().code(), e.getMessage()));
            return;
        }
        if (first != null) {
            stream.received(first);
        }
        accept(new StreamRequest(id, kind, tunnel))
                .whenComplete((connection, failure) -> connected(stream, connection, failure));
    }

    private CompletableFuture<LocalConnection> accept(StreamRequest request) {
        try {
            return context.acceptor().accept(request);
        } catch (RuntimeException e) {
            LOG.warn("Stream {} could not be connected to the local service", request.id(), e);
            return CompletableFuture.failedFuture(
                    new StreamException(TunnelError.INTERNAL, "The agent could not handle the opening.", e));
        }
    }

    private void connected(MuxStream stream, @Nullable LocalConnection connection, @Nullable Throwable failure) {
        if (connection == null) {
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            stream.reset(cause == null ? new StreamException(TunnelError.INTERNAL, "There is no connection.") : cause);
            return;
        }
        StreamException gone = stream.failure();
        if (gone != null) {
            connection.abandon(gone);
            return;
        }
        if (stream.kind() == StreamKind.UPGRADE) {
            send(new WebSocketReady(stream.id()));
        }
        connection.join(stream);
    }
}
