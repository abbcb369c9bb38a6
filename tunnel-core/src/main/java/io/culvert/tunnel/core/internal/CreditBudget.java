package io.culvert.tunnel.core.internal;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Memory set aside for bytes that peers may send: one budget for the whole process, a quarter of the largest heap, and parts of it. What is
 * reserved in a part is reserved in the whole as well. Thread-safe.
 */
public final class CreditBudget {
    /** The budget of this process. */
    public static final CreditBudget PROCESS =
            new CreditBudget(Runtime.getRuntime().maxMemory() / 4);

    private static final int SMALLEST_CREDIT = 16 * 1024;
    private static final int STREAMS_AT_FULL_CREDIT = 512;

    private final long total;
    private final @Nullable CreditBudget whole;
    private final Runnable onShort;
    private final AtomicLong reserved = new AtomicLong();

    CreditBudget(long total) {
        this(total, null, () -> {});
    }

    private CreditBudget(long total, @Nullable CreditBudget whole, Runnable onShort) {
        this.total = total;
        this.whole = whole;
        this.onShort = onShort;
    }

    /**
     * A part of this budget.
     *
     * @param total how much it may have at most
     * @param onShort told each time when it has not enough left, or the process has not; on any thread
     */
    public CreditBudget part(long total, Runnable onShort) {
        return new CreditBudget(total, this, onShort);
    }

    /** Sets bytes aside, if that many are left. */
    public boolean reserve(int bytes) {
        if (!take(bytes)) {
            onShort.run();
            return false;
        }
        if (whole != null && !whole.reserve(bytes)) {
            reserved.addAndGet(-bytes);
            if (whole.whole == null) {
                onShort.run();
            }
            return false;
        }
        return true;
    }

    private boolean take(int bytes) {
        long before;
        do {
            before = reserved.get();
            if (bytes > total - before) {
                return false;
            }
        } while (!reserved.compareAndSet(before, before + bytes));
        return true;
    }

    /** Gives back what was {@linkplain #reserve reserved}. */
    public void release(int bytes) {
        reserved.addAndGet(-bytes);
        if (whole != null) {
            whole.release(bytes);
        }
    }

    /** What a stream gets to start with: the wanted credit, or less where the budget is small, so that some hundred streams fit. */
    public int initialCredit(int wanted) {
        return (int) Math.min(wanted, Math.max(SMALLEST_CREDIT, total / STREAMS_AT_FULL_CREDIT));
    }
}
