package io.culvert.tunnel.core.memory;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.message.TunnelMessage.HttpCancel;
import io.culvert.tunnel.message.TunnelMessage.HttpRequest;
import io.culvert.tunnel.message.TunnelMessage.WebSocketClose;
import io.culvert.tunnel.message.TunnelMessage.WebSocketReady;
import io.culvert.tunnel.message.TunnelMessage.WebSocketUpgrade;
import io.culvert.tunnel.spi.AgentContext;
import io.culvert.tunnel.spi.AgentTransport;
import io.culvert.tunnel.spi.LocalConnection;
import io.culvert.tunnel.spi.StreamException;
import io.culvert.tunnel.spi.StreamRequest;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The agent's half: connects to the local service first, then fetches its end of the stream from the relay's half. */
final class MemoryAgentTransport implements AgentTransport {
    private static final Logger LOG = LoggerFactory.getLogger(MemoryAgentTransport.class);

    private final AgentContext context;
    private final OpenStreams streams = new OpenStreams();

    /** Streams on their way to the local service; an id leaves only after it stands among the streams, open or gone. */
    private final Set<String> connecting = ConcurrentHashMap.newKeySet();

    private volatile boolean closed;

    MemoryAgentTransport(AgentContext context) {
        this.context = context;
    }

    @Override
    public void onMessage(TunnelMessage message) {
        if (message instanceof HttpRequest request && request.tunnel() != null && request.payload() == null) {
            onOpening(new StreamRequest(request.requestId(), StreamKind.HTTP, request.tunnel()));
        } else if (message instanceof WebSocketUpgrade upgrade && upgrade.initialRequest() == null) {
            onOpening(new StreamRequest(upgrade.connectionId(), StreamKind.UPGRADE, upgrade.tunnel()));
        } else if (message instanceof HttpCancel cancel) {
            onReset(cancel.requestId(), cancel.code(), cancel.reason());
        } else if (message instanceof WebSocketClose close) {
            onReset(close.connectionId(), close.code(), close.reason());
        } else {
            context.protocolError("A " + message.getClass().getSimpleName() + " message with bytes does not belong here"
                    + " with the transport '" + MemoryTransportProvider.NAME + "'.");
        }
    }

    private void onOpening(StreamRequest request) {
        Optional<MemoryRelayTransport> relay = MemoryHub.find(context.dataSecret());
        if (relay.isEmpty()) {
            refuse(
                    request,
                    new StreamException(
                            TunnelError.BAD_CONFIGURATION,
                            "The transport '" + MemoryTransportProvider.NAME
                                    + "' needs the relay and the agent in one JVM; use another transport."));
        } else if (!connecting.add(request.id())) {
            context.protocolError("Stream " + request.id() + " was opened twice.");
        } else {
            accept(request).whenComplete((connection, failure) -> {
                if (connection == null) {
                    refuse(request, unwrapped(failure));
                    connecting.remove(request.id());
                } else {
                    connected(request, connection, relay.get());
                }
            });
        }
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

    private void connected(StreamRequest request, LocalConnection connection, MemoryRelayTransport relay) {
        boolean wanted = connecting.contains(request.id()) && !closed;
        if (wanted && request.kind() == StreamKind.UPGRADE) {
            context.control().send(new WebSocketReady(request.id()));
        }
        Optional<MemoryStream> stream = wanted ? relay.fetch(request.id()) : Optional.empty();
        if (stream.isEmpty()) {
            streams.gone(request.id());
            connecting.remove(request.id());
            connection.abandon(new StreamException(
                    TunnelError.CANCELLED, "The relay gave stream " + request.id() + " up while it was opened."));
            return;
        }
        streams.add(stream.get());
        connecting.remove(request.id());
        connection.join(stream.get());
        if (closed) {
            stream.get().reset(new StreamException(TunnelError.CLOSED, "The session is closed."));
        }
    }

    private void refuse(StreamRequest request, Throwable cause) {
        streams.gone(request.id());
        TunnelError error = StreamException.errorOf(cause);
        String reason = cause instanceof StreamException ? cause.getMessage() : error.advice();
        context.control().send(OpenStreams.giveUp(request.kind(), request.id(), error, reason));
    }

    private static Throwable unwrapped(@Nullable Throwable failure) {
        if (failure == null) {
            return new StreamException(TunnelError.INTERNAL, "There is no connection to the local service.");
        }
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private void onReset(String id, String code, String reason) {
        if (!connecting.remove(id) && !streams.reset(id, code, reason)) {
            context.strayMessage(id);
        }
    }

    /** Streams go on. */
    @Override
    public void onControlLost() {}

    @Override
    public void onControlRestored() {}

    @Override
    public void close() {
        closed = true;
        connecting.clear();
        streams.resetAll(TunnelError.CLOSED, "The session is closed.");
    }
}
