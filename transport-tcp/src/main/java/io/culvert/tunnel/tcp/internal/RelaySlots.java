package io.culvert.tunnel.tcp.internal;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.jetty.EndPointStream;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.spi.RelayContext;
import io.culvert.tunnel.spi.StreamException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connections that an agent dialled ahead. The last to arrive is used first: it is the surest to live. Thread-safe. */
final class RelaySlots implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RelaySlots.class);

    /** A lost slot is replaced after a pause, lest an agent that drops each be asked without end. */
    private static final long REPLACE_MILLIS = 1_000;

    private final RelayContext context;
    private final SessionGrants grants;
    private final Consumer<EndPointStream> onArrived = this::arrived;
    private final AtomicBoolean filling = new AtomicBoolean();

    /** Guarded by this; the first is used next. */
    private final Deque<Slot> waiting = new ArrayDeque<>();

    /** Guarded by this: ids that were granted and neither arrived nor expired. */
    private final Set<String> granted = new HashSet<>();

    /** Guarded by this: whether the agent can be told of new slots. */
    private boolean running;

    /** Guarded by this. */
    private boolean closed;

    RelaySlots(RelayContext context, SessionGrants grants) {
        this.context = context;
        this.grants = grants;
    }

    /** The control channel stands: grants what is missing. */
    void start() {
        synchronized (this) {
            running = true;
        }
        fill();
    }

    /** The control channel is gone. Connections that wait stay. */
    synchronized void pause() {
        running = false;
    }

    /** Takes a connection out: one of the callbacks is called, mostly at once, perhaps on the thread that just reads from a slot. */
    void take(Consumer<EndPointStream> found, Runnable none) {
        Slot slot;
        synchronized (this) {
            slot = waiting.pollFirst();
        }
        if (slot == null) {
            none.run();
            return;
        }
        slot.stream.unpark(() -> {
            if (slot.dead) {
                take(found, none);
            } else {
                found.accept(slot.stream);
                fillSoon();
            }
        });
    }

    private void arrived(EndPointStream stream) {
        Slot slot = new Slot(stream);
        stream.park(
                () -> {
                    StreamException cause = new StreamException(
                            TunnelError.PROTOCOL,
                            "bytes came on a connection that waits for its stream: " + stream.id());
                    lost(slot, cause);
                    context.protocolError(cause.getMessage());
                },
                cause -> lost(slot, cause == null ? new StreamException(TunnelError.RESET, "it was closed") : cause));
        if (!offer(slot)) {
            lost(slot, new StreamException(TunnelError.CLOSED, "The session is over."));
        }
    }

    /** From here on another thread may take it, so its watch has begun before: that might have found it dead already. */
    private synchronized boolean offer(Slot slot) {
        granted.remove(slot.stream.id());
        if (!closed && !slot.dead) {
            waiting.addFirst(slot);
        }
        return !closed;
    }

    /** How many a visitor could be given now. */
    synchronized int available() {
        return waiting.size();
    }

    private void lost(Slot slot, Throwable cause) {
        LOG.debug("Waiting connection {} is lost", slot.stream.id(), cause);
        synchronized (this) {
            slot.dead = true;
            waiting.remove(slot);
        }
        slot.stream.reset(cause);
        fillLater();
    }

    private void expired(Grant grant) {
        grants.revoke(grant);
        boolean missed;
        synchronized (this) {
            missed = granted.remove(grant.id());
        }
        if (missed) {
            fillSoon();
        }
    }

    /** Off the path of the visitor that used a slot; several uses make one message. */
    private void fillSoon() {
        if (filling.compareAndSet(false, true)) {
            try {
                context.executor().execute(this::fill);
            } catch (RejectedExecutionException x) {
                LOG.debug("No new slots: the relay stops", x);
            }
        }
    }

    private void fillLater() {
        try {
            context.scheduler().schedule(this::fillSoon, REPLACE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException x) {
            LOG.debug("No new slots: the relay stops", x);
        }
    }

    private void fill() {
        filling.set(false);
        List<String> ids = new ArrayList<>();
        synchronized (this) {
            int missing = running && !closed ? context.slots() - waiting.size() - granted.size() : 0;
            for (int i = 0; i < missing; i++) {
                ids.add(context.newStreamId());
            }
            granted.addAll(ids);
        }
        if (ids.isEmpty()) {
            return;
        }
        List<Grant> made = new ArrayList<>(ids.size());
        for (String id : ids) {
            made.add(grants.grant(id, onArrived));
        }
        try {
            context.scheduler()
                    .schedule(
                            () -> made.forEach(this::expired),
                            context.openTimeout().toMillis(),
                            TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException x) {
            LOG.debug("No new slots: the relay stops", x);
            return;
        }
        context.control().send(new TunnelMessage.Slots(ids));
    }

    @Override
    public void close() {
        List<Slot> all;
        synchronized (this) {
            closed = true;
            all = new ArrayList<>(waiting);
            waiting.clear();
        }
        for (Slot slot : all) {
            slot.dead = true;
            slot.stream.reset(new StreamException(TunnelError.CLOSED, "The session is over."));
        }
    }

    private static final class Slot {
        private final EndPointStream stream;

        /** Set before the watch of the stream is over. */
        private volatile boolean dead;

        private Slot(EndPointStream stream) {
            this.stream = stream;
        }
    }
}
