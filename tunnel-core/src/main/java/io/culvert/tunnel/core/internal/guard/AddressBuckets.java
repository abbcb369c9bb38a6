package io.culvert.tunnel.core.internal.guard;

import io.culvert.tunnel.Rate;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * A bucket of tokens for each address: for each {@code /64} in IPv6, as a host has as many addresses as it likes there. Full buckets are
 * forgotten. Thread-safe.
 */
public final class AddressBuckets {
    /** How many addresses are remembered; the one that was seen longest ago goes first. */
    static final int MAX_ADDRESSES = 4096;

    private static final int IPV6_PREFIX_BYTES = 8;

    /** How many old entries are looked at for each new one, so that what is full goes faster than new ones come. */
    private static final int LOOKS = 2;

    private final Rate rate;
    private final LongSupplier nanoTime;

    /** The one that was seen longest ago first; guarded by itself. */
    private final Map<ByteBuffer, TokenBucket> buckets = new LinkedHashMap<>(16, 0.75f, true);

    /** Full buckets for everyone. */
    public AddressBuckets(Rate rate, LongSupplier nanoTime) {
        this.rate = rate;
        this.nanoTime = nanoTime;
    }

    /** Takes a token of the address; 0 if there was one, else in how many nanoseconds there will be. */
    public long take(InetAddress address) {
        synchronized (buckets) {
            ByteBuffer key = key(address);
            TokenBucket bucket = buckets.get(key);
            if (bucket == null) {
                makeRoom();
                bucket = new TokenBucket(rate, nanoTime);
                buckets.put(key, bucket);
            }
            return bucket.take();
        }
    }

    /** In how many nanoseconds the address will have a token; 0 if it has one. */
    public long missing(InetAddress address) {
        synchronized (buckets) {
            TokenBucket bucket = buckets.get(key(address));
            return bucket == null ? 0 : bucket.missing();
        }
    }

    int size() {
        synchronized (buckets) {
            return buckets.size();
        }
    }

    private void makeRoom() {
        Iterator<TokenBucket> oldest = buckets.values().iterator();
        for (int i = 0; i < LOOKS && oldest.hasNext(); i++) {
            if (oldest.next().isFull() || buckets.size() >= MAX_ADDRESSES) {
                oldest.remove();
            }
        }
    }

    /** What stands for the address. */
    static ByteBuffer key(InetAddress address) {
        byte[] bytes = address.getAddress();
        return ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, IPV6_PREFIX_BYTES));
    }
}
