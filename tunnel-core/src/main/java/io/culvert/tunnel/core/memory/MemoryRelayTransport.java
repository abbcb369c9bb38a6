package io.culvert.tunnel.core.memory;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.message.TunnelMessage.HttpCancel;
import io.culvert.tunnel.message.TunnelMessage.HttpRequest;
import io.culvert.tunnel.message.TunnelMessage.WebSocketClose;
import io.culvert.tunnel.message.TunnelMessage.WebSocketReady;
import io.culvert.tunnel.message.TunnelMessage.WebSocketUpgrade;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.RelayContext;
import io.culvert.tunnel.spi.RelayTransport;
import io.culvert.tunnel.spi.StreamException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The relay's half: makes both ends of a stream and lets the agent's half fetch one. */
final class MemoryRelayTransport implements RelayTransport {
    private final RelayContext context;
    private final OpenStreams streams = new OpenStreams();
    private final Object lock = new Object();
    private final Map<String, Opening> openings = new HashMap<>(); // guarded by lock

    /** Why nothing can be opened now; guarded by lock. */
    private @Nullable TunnelError down;

    MemoryRelayTransport(RelayContext context) {
        this.context = context;
        MemoryHub.register(context.dataSecret(), this);
    }

    @Override
    public CompletableFuture<DataStream> open(StreamKind kind, String tunnel) {
        String id = context.newStreamId();
        Opening opening = new Opening(kind, MemoryStream.pair(id), new CompletableFuture<>());
        TunnelError refused;
        synchronized (lock) {
            refused = down;
            if (refused == null) {
                openings.put(id, opening);
            }
        }
        if (refused != null) {
            opening.stream.completeExceptionally(new StreamException(refused, refused.advice()));
            return opening.stream;
        }
        ScheduledFuture<?> timeout = context.scheduler()
                .schedule(() -> timedOut(id), context.openTimeout().toNanos(), TimeUnit.NANOSECONDS);
        opening.stream.whenComplete((stream, failure) -> timeout.cancel(false));
        context.control()
                .send(
                        kind == StreamKind.HTTP
                                ? new HttpRequest(id, tunnel, null)
                                : new WebSocketUpgrade(id, tunnel, null));
        return opening.stream;
    }

    /** The agent's half fetches its end, once it connected to the local service; nothing if the relay gave up meanwhile. */
    Optional<MemoryStream> fetch(String id) {
        Optional<Opening> opening = take(id);
        opening.ifPresent(o -> {
            streams.add(o.pair.relayEnd());
            o.stream.complete(o.pair.relayEnd());
        });
        return opening.map(o -> o.pair.agentEnd());
    }

    @Override
    public void onMessage(TunnelMessage message) {
        if (message instanceof HttpCancel cancel) {
            onReset(cancel.requestId(), cancel.code(), cancel.reason());
        } else if (message instanceof WebSocketClose close) {
            onReset(close.connectionId(), close.code(), close.reason());
        } else if (!(message instanceof WebSocketReady)) { // the agent's half fetches its end right behind it
            context.protocolError("A " + message.getClass().getSimpleName() + " message does not belong here with the"
                    + " transport '" + MemoryTransportProvider.NAME + "'.");
        }
    }

    private void onReset(String id, String code, String reason) {
        Optional<Opening> opening = take(id);
        opening.ifPresent(o -> o.stream.completeExceptionally(new StreamException(TunnelError.ofCode(code), reason)));
        if (opening.isEmpty() && !streams.reset(id, code, reason)) {
            context.strayMessage(id);
        }
    }

    private void timedOut(String id) {
        streams.gone(id);
        take(id).ifPresent(opening -> {
            context.control()
                    .send(OpenStreams.giveUp(
                            opening.kind, id, TunnelError.OPEN_TIMEOUT, TunnelError.OPEN_TIMEOUT.advice()));
            opening.stream.completeExceptionally(new StreamException(
                    TunnelError.OPEN_TIMEOUT,
                    "Stream " + id + " was not opened within " + context.openTimeout() + "."));
        });
    }

    private Optional<Opening> take(String id) {
        synchronized (lock) {
            return Optional.ofNullable(openings.remove(id));
        }
    }

    /** Streams go on. What is being opened fails: the agent's answer may be lost. */
    @Override
    public void onControlLost() {
        shut(TunnelError.LINK_LOST);
    }

    @Override
    public void onControlRestored() {
        synchronized (lock) {
            down = down == TunnelError.LINK_LOST ? null : down;
        }
    }

    @Override
    public void close() {
        MemoryHub.unregister(context.dataSecret(), this);
        shut(TunnelError.CLOSED);
        streams.resetAll(TunnelError.CLOSED, "The session is closed.");
    }

    private void shut(TunnelError why) {
        List<Opening> failed;
        synchronized (lock) {
            down = down == TunnelError.CLOSED ? down : why;
            failed = List.copyOf(openings.values());
            openings.keySet().forEach(streams::gone);
            openings.clear();
        }
        failed.forEach(opening -> opening.stream.completeExceptionally(new StreamException(why, why.advice())));
    }

    /** A stream that the agent has not fetched yet. */
    private record Opening(StreamKind kind, MemoryStream.Pair pair, CompletableFuture<DataStream> stream) {}
}
