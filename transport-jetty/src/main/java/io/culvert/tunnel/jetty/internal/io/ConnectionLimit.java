package io.culvert.tunnel.jetty.internal.io;

import io.culvert.tunnel.Limit;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.eclipse.jetty.io.EndPoint;
import org.jspecify.annotations.Nullable;

/**
 * How many connections there may be in all and from one address. When there are as many as there may be, a new one takes the place of one
 * on which no request is under way, so that a flood of connections that say nothing keeps nobody out; else it is closed before anything is
 * read from it. One too many from its address always is. What a trusted proxy brings counts in all only, as it is many visitors';
 * so do agents' connections, which other limits bound. Thread-safe.
 */
public final class ConnectionLimit {
    /** Any number. */
    static final ConnectionLimit NONE =
            new ConnectionLimit(Integer.MAX_VALUE, Integer.MAX_VALUE, address -> true, limit -> {});

    private static final int IPV6_PREFIX_BYTES = 8;

    /** How many connections are looked at for one that can go. Those in use go to the end, so the next look is at others. */
    private static final int LOOKED_AT = 128;

    private final int most;
    private final int mostPerAddress;
    private final Predicate<InetAddress> exempt;
    private final Consumer<Limit> reached;

    // All guarded by this.

    /** From where those that count came, the longest here first: one that closed does not know any more. */
    private final Map<EndPoint, Optional<InetAddress>> admitted = new LinkedHashMap<>();

    private final Map<ByteBuffer, Integer> byAddress = new HashMap<>();

    /**
     * No connection yet.
     *
     * @param exempt addresses from which any number may come
     * @param reached told for each connection that is turned away
     */
    public ConnectionLimit(int most, int mostPerAddress, Predicate<InetAddress> exempt, Consumer<Limit> reached) {
        this.most = most;
        this.mostPerAddress = mostPerAddress;
        this.exempt = exempt;
        this.reached = reached;
    }

    /** A connection came in; false if it is one too many. */
    boolean enter(EndPoint endPoint) {
        InetAddress address = addressOf(endPoint);
        Limit limit;
        EndPoint replaced = null;
        synchronized (this) {
            limit = isAddressFull(address) ? Limit.CONNECTIONS_PER_ADDRESS : null;
            if (limit == null && admitted.size() >= most) {
                limit = Limit.CONNECTIONS;
                replaced = unused();
            }
            if (limit == null || replaced != null) {
                admit(endPoint, address);
            }
        }
        if (limit != null) {
            reached.accept(limit);
        }
        if (replaced != null) {
            replaced.close();
        }
        return limit == null || replaced != null;
    }

    /** Call with the lock. */
    private boolean isAddressFull(@Nullable InetAddress address) {
        return address != null && byAddress.getOrDefault(key(address), 0) >= mostPerAddress && !exempt.test(address);
    }

    /** Call with the lock. */
    private void admit(EndPoint endPoint, @Nullable InetAddress address) {
        admitted.put(endPoint, Optional.ofNullable(address));
        if (address != null) {
            byAddress.merge(key(address), 1, Integer::sum);
        }
    }

    /** Takes out a connection that can go: one without any whole request if there is one, the longest here. Call with the lock. */
    private @Nullable EndPoint unused() {
        EndPoint found = null;
        List<EndPoint> used = new ArrayList<>();
        Iterator<EndPoint> all = admitted.keySet().iterator();
        for (int i = 0; i < LOOKED_AT && all.hasNext(); i++) {
            EndPoint next = all.next();
            HttpUse use = HttpUse.of(next);
            if (use == HttpUse.NO_REQUEST_YET) {
                found = next;
                break;
            } else if (use == HttpUse.BETWEEN_REQUESTS && found == null) {
                found = next;
            } else {
                used.add(next);
            }
        }
        used.forEach(endPoint -> admitted.put(endPoint, admitted.remove(endPoint)));
        if (found != null) {
            leave(found);
        }
        return found;
    }

    /** A connection is over. */
    synchronized void leave(EndPoint endPoint) {
        Optional<InetAddress> from = admitted.remove(endPoint);
        if (from != null) {
            from.ifPresent(this::uncount);
        }
    }

    /** A connection that came in proved that it is an agent's. */
    public void agents(EndPoint endPoint) {
        Resets.raw(endPoint).ifPresent(this::isAgents);
    }

    private synchronized void isAgents(EndPoint raw) {
        Optional<InetAddress> from = admitted.replace(raw, Optional.empty());
        if (from != null) {
            from.ifPresent(this::uncount);
        }
    }

    /** Call with the lock. */
    private void uncount(InetAddress address) {
        byAddress.computeIfPresent(key(address), (known, count) -> count == 1 ? null : (Integer) (count - 1));
    }

    /** A host has as many IPv6 addresses as it likes in its {@code /64}. */
    private static ByteBuffer key(InetAddress address) {
        byte[] bytes = address.getAddress();
        return ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, IPV6_PREFIX_BYTES));
    }

    private static @Nullable InetAddress addressOf(EndPoint endPoint) {
        return endPoint.getRemoteSocketAddress() instanceof InetSocketAddress inet ? inet.getAddress() : null;
    }
}
