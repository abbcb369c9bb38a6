package io.culvert.tunnel.tcp.internal;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.jetty.EndPointStream;
import io.culvert.tunnel.spi.AgentContext;
import io.culvert.tunnel.spi.StreamException;
import java.io.EOFException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connections that the relay let this agent dial ahead, until an opening names one. Thread-safe. */
final class AgentSlots implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AgentSlots.class);

    /** What a relay may ask for at a time; the rest is not dialled. */
    private static final int MAX_SLOTS = 1024;

    private static final int MAX_DIALS = 8;

    /** How long a connection waits for the relay to close it after a refusal that the control channel carries. */
    private static final long LEAVE_MILLIS = 5_000;

    private final AgentContext context;
    private final Function<String, CompletableFuture<EndPointStream>> dial;

    /** Guarded by this: all that no opening has taken yet, and those that the relay is to close. */
    private final Map<String, Slot> slots = new HashMap<>();

    /** Guarded by this: not dialled yet. */
    private final Queue<Slot> queue = new ArrayDeque<>();

    /** Guarded by this. */
    private int dialling;

    /** Guarded by this. */
    private boolean closed;

    AgentSlots(AgentContext context, Function<String, CompletableFuture<EndPointStream>> dial) {
        this.context = context;
        this.dial = dial;
    }

    /** The relay grants connections with these ids. */
    void add(List<String> ids) {
        synchronized (this) {
            for (String id : ids) {
                if (!closed && slots.size() < MAX_SLOTS && !slots.containsKey(id)) {
                    Slot slot = new Slot(id);
                    slots.put(id, slot);
                    queue.add(slot);
                }
            }
        }
        dialNext();
    }

    private void dialNext() {
        while (true) {
            Slot slot;
            synchronized (this) {
                if (closed || dialling >= MAX_DIALS || queue.isEmpty()) {
                    return;
                }
                slot = queue.remove();
                dialling++;
            }
            begin(slot);
        }
    }

    private void begin(Slot slot) {
        dial.apply(slot.id).whenComplete((stream, failure) -> {
            synchronized (this) {
                dialling--;
            }
            if (failure == null) {
                slot.connected(stream);
            } else {
                LOG.debug("Could not dial ahead", failure);
                forget(slot);
                slot.connected.completeExceptionally(failure);
            }
            dialNext();
        });
    }

    /** Takes the connection that an opening names; it may still be dialled. Empty if there is none of that id. */
    Optional<CompletableFuture<EndPointStream>> take(String id) {
        Slot slot;
        synchronized (this) {
            slot = slots.remove(id);
            if (slot != null && queue.remove(slot)) {
                dialling++;
            } else if (slot != null) {
                return Optional.of(slot.take());
            }
        }
        if (slot == null) {
            return Optional.empty();
        }
        begin(slot); // the opening was faster than the queue
        return Optional.of(slot.take());
    }

    /** An opening names the connection, and will take it or leave it. */
    void name(String id) {
        Slot slot = find(id);
        if (slot != null) {
            slot.named();
        }
    }

    /** Whether there is a connection of that id that no opening took yet. */
    boolean holds(String id) {
        return find(id) != null;
    }

    private synchronized @Nullable Slot find(String id) {
        return slots.get(id);
    }

    /** The opening does not need the connection. The relay closes it, when it knows from the control channel why. */
    void leave(String id, StreamException cause) {
        Slot slot = find(id);
        if (slot != null) {
            slot.named = false;
            later(LEAVE_MILLIS, () -> drop(slot, cause));
        }
    }

    /** The openings that were under way are lost: connections on which bytes came already will not be named any more. */
    void controlLost() {
        for (Slot slot : all()) {
            if (slot.arrived && !slot.named) {
                drop(
                        slot,
                        new StreamException(
                                TunnelError.LINK_LOST, "The link broke while stream " + slot.id + " was opened."));
            }
        }
    }

    private synchronized List<Slot> all() {
        return new ArrayList<>(slots.values());
    }

    private synchronized boolean forget(Slot slot) {
        return slots.remove(slot.id, slot);
    }

    private void drop(Slot slot, Throwable cause) {
        if (forget(slot)) {
            slot.take().whenComplete((stream, failure) -> {
                if (stream != null) {
                    stream.reset(cause);
                }
            });
        }
    }

    private @Nullable Future<?> later(long millis, Runnable task) {
        try {
            return context.scheduler().schedule(task, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException x) {
            LOG.debug("The agent stops", x);
            return null;
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            queue.clear();
        }
        for (Slot slot : all()) {
            drop(slot, new StreamException(TunnelError.CLOSED, "The session is over."));
        }
    }

    /** One connection. */
    private final class Slot {
        private final String id;

        /** Done when dialled. */
        private final CompletableFuture<EndPointStream> connected = new CompletableFuture<>();

        /** Whether the peer sent something before the opening came. */
        private volatile boolean arrived;

        /** Whether an opening came that will take it. */
        private volatile boolean named;

        /** Until when the opening of bytes that arrived must have come. */
        private volatile @Nullable Future<?> limit;

        /** Why it cannot be used any more; set before the watch is over. */
        private volatile @Nullable StreamException dead;

        private Slot(String id) {
            this.id = id;
        }

        private void connected(EndPointStream stream) {
            stream.park(this::bytesArrived, this::ended);
            connected.complete(stream);
        }

        /** The opening is often on its way, and mostly faster; a limit that is met in time would keep the stream for as long as it lasts. */
        private void bytesArrived() {
            arrived = true;
            if (!named) {
                limit = later(context.openTimeout().toMillis(), () -> {
                    if (!named) {
                        drop(
                                this,
                                new StreamException(
                                        TunnelError.OPEN_TIMEOUT, "No opening came for stream " + id + "."));
                    }
                });
                if (named) {
                    cancelLimit();
                }
            }
        }

        private void named() {
            named = true;
            cancelLimit();
        }

        private void cancelLimit() {
            Future<?> set = limit;
            if (set != null) {
                limit = null;
                set.cancel(false);
            }
        }

        private void ended(@Nullable Throwable cause) {
            StreamException why = Failures.of(cause != null ? cause : new EOFException("the relay closed it"), id);
            dead = why;
            if (!named) {
                forget(this);
            }
            connected.thenAccept(stream -> stream.reset(why));
        }

        /** Ends the watch. */
        private CompletableFuture<EndPointStream> take() {
            return connected.thenCompose(stream -> {
                CompletableFuture<EndPointStream> taken = new CompletableFuture<>();
                stream.unpark(() -> {
                    StreamException why = dead;
                    if (why == null) {
                        taken.complete(stream);
                    } else {
                        taken.completeExceptionally(why);
                    }
                });
                return taken;
            });
        }
    }
}
