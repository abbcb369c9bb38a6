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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections that an agent dialled ahead, as many as are in demand. The last to arrive is used first: it is the surest to live.
 * Thread-safe.
 */
final class RelaySlots implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RelaySlots.class);

    /** A lost slot is replaced after a pause, lest an agent that drops each be asked without end. */
    private static final long REPLACE_MILLIS = 1_000;

    /** So long a few may be missing, until they make one message together. */
    private static final long GATHER_MILLIS = 50;

    /** After so long it is seen whether fewer would do. */
    private static final long RELAX_MILLIS = 10_000;

    private final RelayContext context;
    private final SessionGrants grants;
    private final Timers timers;
    private final Consumer<EndPointStream> onArrived = this::arrived;

    /** Guarded by this. */
    private final SlotDemand demand;

    /** Whether a look at the demand is scheduled. */
    private final AtomicBoolean relaxing = new AtomicBoolean();

    private final AtomicBoolean gathering = new AtomicBoolean();
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
        this.timers = new Timers(context.scheduler());
        this.demand = new SlotDemand(context.slots(), context.slotsAtMost());
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
            if (slot == null) {
                demand.missed();
            } else {
                demand.taken(waiting.size());
            }
        }
        if (slot == null) {
            none.run();
            replaceUsed();
            return;
        }
        slot.stream.unpark(() -> {
            if (slot.dead) {
                take(found, none);
            } else {
                found.accept(slot.stream);
                replaceUsed();
            }
        });
    }

    /** Grants new ones at once when half are missing, else a little later. */
    private void replaceUsed() {
        int target;
        int missing;
        boolean above;
        synchronized (this) {
            target = demand.target();
            missing = missing();
            above = demand.isAboveFloor();
        }
        if (missing > 0 && 2 * missing >= target) {
            fillSoon();
        } else if (missing > 0 && gathering.compareAndSet(false, true)) {
            timers.after(GATHER_MILLIS, () -> {
                gathering.set(false);
                fillSoon();
            });
        }
        if (above && relaxing.compareAndSet(false, true)) {
            timers.after(RELAX_MILLIS, this::relax);
        }
    }

    /** Call with the lock. */
    private int missing() {
        return running && !closed ? demand.target() - waiting.size() - granted.size() : 0;
    }

    /** Lets those go that were not needed for a while, the oldest first. */
    private void relax() {
        relaxing.set(false);
        List<Slot> surplus = new ArrayList<>();
        boolean again;
        synchronized (this) {
            demand.relax(waiting.size());
            while (waiting.size() > demand.target()) {
                surplus.add(waiting.removeLast());
            }
            again = demand.isAboveFloor() && !closed;
        }
        for (Slot slot : surplus) {
            slot.stream.unpark(() -> {
                if (!slot.dead) {
                    slot.stream.close();
                }
            });
        }
        if (again && relaxing.compareAndSet(false, true)) {
            timers.after(RELAX_MILLIS, this::relax);
        }
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
        demand.arrived();
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
        timers.after(REPLACE_MILLIS, this::fillSoon);
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

    private void fill() {
        filling.set(false);
        List<String> ids = new ArrayList<>();
        synchronized (this) {
            int missing = missing();
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
        timers.after(context.openTimeout().toMillis(), () -> made.forEach(this::expired));
        context.control().send(new TunnelMessage.Slots(ids));
    }

    @Override
    public void close() {
        timers.close();
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
