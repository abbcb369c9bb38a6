package io.culvert.tunnel.jetty.internal.io;

import io.culvert.tunnel.Limit;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.eclipse.jetty.io.EndPoint;
import org.jspecify.annotations.Nullable;

/**
 * How many connections there may be in all and from one address. One too many is closed before anything is read from it. What a trusted
 * proxy brings counts in all only, as it is many visitors'; so do agents' connections, which other limits bound. Thread-safe.
 */
public final class ConnectionLimit {
    /** Any number. */
    static final ConnectionLimit NONE =
            new ConnectionLimit(Integer.MAX_VALUE, Integer.MAX_VALUE, address -> true, limit -> {});

    private static final int IPV6_PREFIX_BYTES = 8;

    private final int most;
    private final int mostPerAddress;
    private final Predicate<InetAddress> exempt;
    private final Consumer<Limit> reached;
    /** From where those that count came: one that closed does not know any more. */
    private final Map<EndPoint, Optional<InetAddress>> admitted = new ConcurrentHashMap<>();

    // Both guarded by this.
    private final Map<ByteBuffer, Integer> byAddress = new HashMap<>();
    private int open;

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
        Limit limit = count(address);
        if (limit != null) {
            reached.accept(limit);
            return false;
        }
        admitted.put(endPoint, Optional.ofNullable(address));
        return true;
    }

    private synchronized @Nullable Limit count(@Nullable InetAddress address) {
        if (open >= most) {
            return Limit.CONNECTIONS;
        }
        if (address != null) {
            int before = byAddress.getOrDefault(key(address), 0);
            if (before >= mostPerAddress && !exempt.test(address)) {
                return Limit.CONNECTIONS_PER_ADDRESS;
            }
            byAddress.put(key(address), before + 1);
        }
        open++;
        return null;
    }

    /** A connection is over. */
    void leave(EndPoint endPoint) {
        Optional<InetAddress> from = admitted.remove(endPoint);
        if (from == null) {
            return;
        }
        synchronized (this) {
            open--;
            from.ifPresent(this::uncount);
        }
    }

    /** A connection that came in proved that it is an agent's. */
    public void agents(EndPoint endPoint) {
        Resets.raw(endPoint).ifPresent(raw -> {
            Optional<InetAddress> from = admitted.replace(raw, Optional.empty());
            if (from != null && from.isPresent()) {
                synchronized (this) {
                    uncount(from.get());
                }
            }
        });
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
