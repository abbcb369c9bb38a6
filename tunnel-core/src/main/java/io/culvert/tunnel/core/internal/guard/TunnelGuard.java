package io.culvert.tunnel.core.internal.guard;

import io.culvert.tunnel.AddressRange;
import io.culvert.tunnel.Limit;
import io.culvert.tunnel.Rate;
import io.culvert.tunnel.RelayLimits;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelMetrics;
import io.culvert.tunnel.core.net.Admission;
import io.culvert.tunnel.core.net.VisitorRequest;
import io.culvert.tunnel.message.TunnelMessage.Allowance;
import io.culvert.tunnel.message.TunnelMessage.Protection;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What stands between a tunnel and its visitors: what its agent asked for, and what the relay allows. First who it is, then how much. It
 * outlives reconnects and takeovers. Thread-safe.
 */
public final class TunnelGuard {
    private static final int MAX_ENTRIES = 256;
    private static final Protection NOTHING = new Protection(List.of(), List.of(), List.of(), null, null, null, null);

    private final Protection protection;
    private final TunnelMetrics metrics;
    private final List<AddressRange> allowed;
    private final List<AddressRange> denied;
    private final LoginCheck logins;
    private final AddressBuckets failedLogins;
    private final @Nullable TokenBucket relayRequests;
    private final @Nullable TokenBucket requests;
    private final @Nullable AddressBuckets requestsPerVisitor;
    private final int maxConcurrent;
    private final AtomicInteger concurrent = new AtomicInteger();
    private final long bodyBytes;
    private final boolean idle;

    /**
     * A guard for one tunnel.
     *
     * @param wanted what its agent asks for
     * @param limits what the relay allows
     * @throws TunnelException {@code BAD_CONFIGURATION} if the agent asks for what cannot be
     */
    public TunnelGuard(@Nullable Protection wanted, RelayLimits limits, TunnelMetrics metrics, LongSupplier nanoTime) {
        this.protection = wanted == null ? NOTHING : wanted;
        this.metrics = metrics;
        this.allowed = ranges(protection.allow());
        this.denied = ranges(protection.deny());
        this.logins = new LoginCheck(bounded(protection.logins()));
        this.failedLogins = new AddressBuckets(limits.failedLogins(), nanoTime);
        this.relayRequests = limits.requestsPerTunnel()
                .map(rate -> new TokenBucket(rate, nanoTime))
                .orElse(null);
        this.requests = rate(protection.requests())
                .map(rate -> new TokenBucket(rate, nanoTime))
                .orElse(null);
        this.requestsPerVisitor = rate(protection.requestsPerVisitor())
                .map(rate -> new AddressBuckets(rate, nanoTime))
                .orElse(null);
        this.maxConcurrent = notBelow(protection.concurrentRequests(), 1, Integer.MAX_VALUE);
        this.bodyBytes = Math.min(
                notBelow(protection.bodyBytes(), 0L, Long.MAX_VALUE),
                limits.bodyBytes().orElse(Long.MAX_VALUE));
        this.idle = protection.equals(NOTHING)
                && relayRequests == null
                && limits.bodyBytes().isEmpty();
    }

    private static <T> List<T> bounded(List<T> entries) {
        if (entries.size() > MAX_ENTRIES) {
            throw new TunnelException(
                    TunnelError.BAD_CONFIGURATION,
                    "A tunnel's protection has at most " + MAX_ENTRIES + " logins, allowed and denied addresses.");
        }
        return entries;
    }

    private static List<AddressRange> ranges(List<String> texts) {
        return bounded(texts).stream().map(AddressRange::parse).toList();
    }

    private static Optional<Rate> rate(@Nullable Allowance allowance) {
        return Optional.ofNullable(allowance).map(a -> new Rate(a.count(), millis(a.perMillis())));
    }

    private static Duration millis(long millis) {
        return Duration.ofMillis(Math.max(0, Math.min(millis, Integer.MAX_VALUE)));
    }

    private static <N extends Number & Comparable<N>> N notBelow(@Nullable N wanted, N lowest, N none) {
        if (wanted == null) {
            return none;
        }
        if (wanted.compareTo(lowest) < 0) {
            throw new TunnelException(
                    TunnelError.BAD_CONFIGURATION, "A limit of a tunnel's protection is too small: " + wanted + ".");
        }
        return wanted;
    }

    /** Whether it does what a wish asks for. */
    public boolean isFor(@Nullable Protection wanted) {
        return protection.equals(Objects.requireNonNullElse(wanted, NOTHING));
    }

    /** Decides on a request. */
    public Admission admit(VisitorRequest request) {
        if (idle) {
            return Admission.FREE;
        }
        Optional<InetAddress> address = request.address();
        if (!mayCome(address)) {
            return Admission.refused(TunnelError.ADDRESS_REFUSED);
        }
        Admission.Refused refused = logIn(request, address);
        if (refused == null && request.contentLength() > bodyBytes) {
            refused = reached(Limit.BODY_BYTES, TunnelError.BODY_TOO_LARGE, 0);
        }
        if (refused == null) {
            refused = take(address);
        }
        return refused == null ? enter() : refused;
    }

    /** Where it is not known who it is, nobody is let in that has to be someone. */
    private boolean mayCome(Optional<InetAddress> address) {
        if (address.isEmpty()) {
            return allowed.isEmpty() && denied.isEmpty();
        }
        InetAddress known = address.get();
        return (allowed.isEmpty() || allowed.stream().anyMatch(range -> range.contains(known)))
                && denied.stream().noneMatch(range -> range.contains(known));
    }

    private Admission.@Nullable Refused logIn(VisitorRequest request, Optional<InetAddress> address) {
        if (logins.isEmpty()) {
            return null;
        }
        List<String> given = request.authorization();
        boolean attempt = given.size() == 1 && LoginCheck.isAttempt(given.get(0));
        long wait = attempt ? address.map(failedLogins::missing).orElse(0L) : 0;
        if (wait > 0) {
            return reached(Limit.FAILED_LOGINS, TunnelError.RATE_LIMITED, wait);
        }
        if (attempt && logins.accepts(given.get(0))) {
            return null;
        }
        if (attempt) {
            address.ifPresent(failedLogins::take);
        }
        return Admission.refused(TunnelError.AUTHENTICATION_REQUIRED);
    }

    private Admission.@Nullable Refused take(Optional<InetAddress> address) {
        long wait = requestsPerVisitor == null
                ? 0
                : address.map(requestsPerVisitor::take).orElse(0L);
        if (wait > 0) {
            return reached(Limit.REQUESTS_PER_VISITOR, TunnelError.RATE_LIMITED, wait);
        }
        wait = Math.max(requests == null ? 0 : requests.take(), relayRequests == null ? 0 : relayRequests.take());
        return wait > 0 ? reached(Limit.REQUESTS, TunnelError.RATE_LIMITED, wait) : null;
    }

    private Admission enter() {
        if (concurrent.incrementAndGet() > maxConcurrent) {
            concurrent.decrementAndGet();
            return reached(Limit.CONCURRENT_REQUESTS, TunnelError.OVERLOADED, 0);
        }
        return new Admission.Admitted(!logins.isEmpty(), bodyBytes, concurrent::decrementAndGet);
    }

    private Admission.Refused reached(Limit limit, TunnelError error, long waitNanos) {
        metrics.limitReached(limit);
        return new Admission.Refused(
                error, Duration.ofNanos(waitNanos).plusMillis(999).toSeconds());
    }
}
