package io.culvert.tunnel.core.mux;

import io.culvert.tunnel.Role;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.internal.stream.RecentIds;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.message.TunnelMessage.StreamMessage;
import io.culvert.tunnel.spi.AgentContext;
import io.culvert.tunnel.spi.AgentTransport;
import io.culvert.tunnel.spi.ControlChannel;
import io.culvert.tunnel.spi.RelayContext;
import io.culvert.tunnel.spi.RelayTransport;
import io.culvert.tunnel.spi.StreamException;
import io.culvert.tunnel.spi.Transport;
import io.culvert.tunnel.spi.TransportContext;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The streams of one session on its control channel: what both halves have in common. Thread-safe. */
public abstract class StreamMultiplexer implements Transport {
    private static final Logger LOG = LoggerFactory.getLogger(StreamMultiplexer.class);

    private final TransportContext context;
    private final Role role;
    private final Object lock = new Object();
    private final Map<String, MuxStream> streams = new ConcurrentHashMap<>(); // written with the lock
    private final RecentIds recent = new RecentIds(System::nanoTime);

    /** Why there can be no streams now; guarded by lock. */
    private @Nullable TunnelError down;

    StreamMultiplexer(TransportContext context, Role role) {
        this.context = context;
        this.role = role;
    }

    /** The relay's half. */
    public static RelayTransport relay(RelayContext context) {
        return new RelayMultiplexer(context);
    }

    /** The agent's half. */
    public static AgentTransport agent(AgentContext context) {
        return new AgentMultiplexer(context);
    }

    @Override
    public final void onControlLost() {
        shut(TunnelError.LINK_LOST, "The control channel was lost.", null);
    }

    @Override
    public final void onControlRestored() {
        synchronized (lock) {
            if (down == TunnelError.LINK_LOST) {
                down = null;
            }
        }
    }

    @Override
    public final void close() {
        shut(TunnelError.CLOSED, "The session is closed.", "The session is closed.");
    }

    private void shut(TunnelError error, String why, @Nullable String words) {
        List<MuxStream> open;
        synchronized (lock) {
            if (down == TunnelError.CLOSED) {
                return;
            }
            down = error;
            open = List.copyOf(streams.values());
        }
        open.forEach(stream -> stream.fail(new StreamException(error, why), words));
    }

    /** A new stream with credit set aside for it. */
    final MuxStream add(StreamKind kind, String id, String tunnel) throws StreamException {
        if (!context.reserveCredit(context.receiveCredit())) {
            throw new StreamException(TunnelError.OVERLOADED, "No memory is left for stream " + id + ".");
        }
        Framing framing = new Framing(role, kind, id, tunnel);
        boolean opened = role == Role.AGENT;
        MuxStream stream = new MuxStream(this, framing, opened, context.receiveCredit(), context.sendCredit());
        TunnelError refused;
        synchronized (lock) {
            refused = down;
            if (refused == null) {
                streams.put(id, stream);
            }
        }
        if (refused != null) {
            context.releaseCredit(context.receiveCredit());
            throw new StreamException(refused, "Stream " + id + " cannot open: " + refused.advice());
        }
        return stream;
    }

    /** Forgets a stream that is over, once. */
    final void remove(MuxStream stream) {
        recent.add(stream.id());
        synchronized (lock) {
            streams.remove(stream.id());
        }
        context.releaseCredit(stream.reservedCredit());
    }

    final int extendCredit(int credit) {
        return context.extendCredit(credit);
    }

    /** Whether the id is or was in use. */
    final boolean known(String id) {
        return streams.containsKey(id) || recent.contains(id);
    }

    /** The stream that a message is for; {@code null} if it is not open, which is counted unless it ended just now. */
    final @Nullable MuxStream streamOf(StreamMessage message) {
        MuxStream stream = streams.get(message.streamId());
        if (stream == null && !recent.contains(message.streamId())) {
            context.strayMessage(message.streamId());
        }
        return stream;
    }

    /** Handles a message that both sides send. */
    final void onCommonMessage(TunnelMessage message) {
        if (message instanceof TunnelMessage.Credit credit) {
            onCredit(credit);
        } else if (message instanceof TunnelMessage.End end) {
            onEnd(end);
        } else if (message instanceof TunnelMessage.HttpCancel cancel) {
            onReset(cancel, StreamKind.HTTP, cancel.code(), cancel.reason());
        } else if (message instanceof TunnelMessage.WebSocketClose close) {
            onReset(close, StreamKind.UPGRADE, close.code(), close.reason());
        } else {
            String type = message.getClass().getSimpleName();
            context.protocolError("A " + type + " message does not belong here with the transport 'control'.");
        }
    }

    private void onCredit(TunnelMessage.Credit credit) {
        MuxStream stream = streamOf(credit);
        if (stream != null) {
            stream.credited(credit.bytes());
        }
    }

    private void onEnd(TunnelMessage.End end) {
        MuxStream stream = streamOf(end);
        if (stream != null) {
            stream.peerEnded();
        }
    }

    private void onReset(StreamMessage message, StreamKind kind, String code, String reason) {
        MuxStream stream = streamOf(message, kind);
        if (stream != null) {
            stream.peerReset(code, reason);
        }
    }

    /** As {@link #streamOf(StreamMessage)}; a message for the other kind of stream resets that stream. */
    final @Nullable MuxStream streamOf(StreamMessage message, StreamKind kind) {
        MuxStream stream = streamOf(message);
        if (stream != null && stream.kind() != kind) {
            stream.misused();
            return null;
        }
        return stream;
    }

    final void creditExceeded(MuxStream stream) {
        context.creditExceeded(stream.id());
    }

    final Duration openTimeout() {
        return context.openTimeout();
    }

    final void send(TunnelMessage message) {
        context.control().send(message);
    }

    final void requestTurn(ControlChannel.Turn turn) {
        context.control().requestTurn(turn);
    }

    final @Nullable ScheduledFuture<?> schedule(Runnable task, Duration after) {
        try {
            return context.scheduler().schedule(task, after.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("Session {} is closing: no more time-outs", context.session(), e);
            return null;
        }
    }
}
