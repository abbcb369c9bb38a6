package io.culvert.tunnel.tcp.internal;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.jetty.EndPointStream;
import io.culvert.tunnel.jetty.JettyRelayHost;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.RelayContext;
import io.culvert.tunnel.spi.RelayTransport;
import io.culvert.tunnel.spi.StreamException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** The relay's half: takes a connection that waits, or asks the agent for one. */
public final class TcpRelayTransport implements RelayTransport, RelayStream.Owner {
    private final RelayContext context;
    private final SessionGrants grants;
    private final RelaySlots slots;
    private final RecentIds recent = new RecentIds();
    private final Map<String, RelayStream> streams = new ConcurrentHashMap<>();

    /** Written under this. */
    private volatile State state = State.DISCONNECTED;

    private enum State {
        /** Messages would be lost. */
        DISCONNECTED,
        /** Messages reach the agent. */
        CONNECTED,
        /** Over. */
        CLOSED
    }

    /** A session's half on the relay's Jetty. */
    public TcpRelayTransport(RelayContext context, JettyRelayHost host) {
        this.context = context;
        this.grants = new SessionGrants(
                host.reserved(Wire.PATH, DataPathHandler.class, () -> new DataPathHandler(host)), context.dataSecret());
        this.slots = new RelaySlots(context, grants);
    }

    @Override
    public void onRegistered() {
        onControlRestored();
    }

    @Override
    public CompletableFuture<DataStream> open(StreamKind kind, String tunnel) {
        if (state != State.CONNECTED) {
            return CompletableFuture.failedFuture(unable());
        }
        CompletableFuture<DataStream> result = new CompletableFuture<>();
        slots.take(connection -> use(connection, kind, tunnel, result), () -> ask(kind, tunnel, result));
        return result;
    }

    private StreamException unable() {
        return state == State.CLOSED
                ? new StreamException(TunnelError.CLOSED, "Session " + context.session() + " is over.")
                : new StreamException(
                        TunnelError.LINK_LOST, "Session " + context.session() + " has lost its agent for now.");
    }

    private void use(EndPointStream connection, StreamKind kind, String tunnel, CompletableFuture<DataStream> result) {
        RelayStream stream = begin(connection.id(), kind, result);
        if (kind == StreamKind.UPGRADE) {
            limit(stream);
        }
        context.control().send(Wire.opening(kind, stream.id(), tunnel));
        stream.connected(connection);
    }

    private void ask(StreamKind kind, String tunnel, CompletableFuture<DataStream> result) {
        RelayStream stream = begin(context.newStreamId(), kind, result);
        limit(stream);
        Grant grant = grants.grant(stream.id(), stream::connected);
        if (!stream.awaitBy(grant)) {
            grants.revoke(grant);
            return;
        }
        context.control().send(Wire.opening(kind, stream.id(), tunnel));
    }

    private RelayStream begin(String id, StreamKind kind, CompletableFuture<DataStream> result) {
        RelayStream stream = new RelayStream(id, kind, result, this);
        streams.put(id, stream);
        if (state != State.CONNECTED) {
            stream.fail(unable(), false);
        }
        return stream;
    }

    private void limit(RelayStream stream) {
        try {
            stream.limitBy(context.scheduler()
                    .schedule(stream::timeOut, context.openTimeout().toMillis(), TimeUnit.MILLISECONDS));
        } catch (RejectedExecutionException x) {
            stream.fail(unable(), false);
        }
    }

    @Override
    public void abandoned(RelayStream stream, StreamException cause) {
        context.control().send(Wire.cancel(stream.kind(), stream.id(), cause));
    }

    @Override
    public void over(RelayStream stream) {
        recent.add(stream.id());
        streams.remove(stream.id(), stream);
        Grant grant = stream.grant();
        if (grant != null) {
            grants.revoke(grant);
        }
    }

    @Override
    public void onMessage(TunnelMessage message) {
        if (message instanceof TunnelMessage.WebSocketReady m) {
            find(m.connectionId()).ifPresent(RelayStream::ready);
        } else if (message instanceof TunnelMessage.HttpCancel m) {
            refused(m.requestId(), m.code(), m.reason());
        } else if (message instanceof TunnelMessage.WebSocketClose m) {
            refused(m.connectionId(), m.code(), m.reason());
        } else if (message instanceof TunnelMessage.StreamMessage m) {
            context.strayMessage(m.streamId());
        } else {
            context.protocolError("An agent does not send this message in the transport tcp: "
                    + message.getClass().getSimpleName());
        }
    }

    private void refused(String id, String code, String reason) {
        find(id).ifPresent(stream -> stream.fail(Failures.received(id, code, reason), false));
    }

    private Optional<RelayStream> find(String id) {
        RelayStream stream = streams.get(id);
        if (stream == null && !recent.contains(id)) {
            context.strayMessage(id);
        }
        return Optional.ofNullable(stream);
    }

    int availableSlots() {
        return slots.available();
    }

    @Override
    public void onControlLost() {
        change(State.DISCONNECTED);
        slots.pause();
        List.copyOf(streams.values()).forEach(RelayStream::controlLost);
    }

    @Override
    public void onControlRestored() {
        change(State.CONNECTED);
        slots.start();
    }

    private synchronized void change(State next) {
        if (state != State.CLOSED) {
            state = next;
        }
    }

    @Override
    public void close() {
        change(State.CLOSED);
        slots.close();
        List.copyOf(streams.values()).forEach(stream -> stream.fail(unable(), false));
        grants.close();
    }
}
