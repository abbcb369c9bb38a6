package io.culvert.tunnel.core.internal;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Memory set aside for bytes that peers may send: one budget for the whole process, a quarter of the largest heap, and parts of it. What is
 * reserved in a part is reserved in the whole as well. A stream starts with so little that thousands fit, idle or not, and gets more when it
 * could use more, out of the first half of the budget. Thread-safe.
 */
public final class CreditBudget {
    /** The budget of this process. */
    public static final CreditBudget PROCESS =
            new CreditBudget(Runtime.getRuntime().maxMemory() / 4);

    private static final int SMALLEST_CREDIT = 4 * 1024;
    private static final int STREAMS = 4096;

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
        if (!takeWithin(total, bytes)) {
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

    private boolean takeWithin(long bound, int bytes) {
        long before;
        do {
            before = reserved.get();
            if (bytes > bound - before) {
                return false;
            }
        } while (!reserved.compareAndSet(before, before + bytes));
        return true;
    }

    /**
     * Sets more aside for a stream that could use more: as much again as it has, up to the wanted credit.
     *
     * @param credit what it has
     * @return how much more; 0 if it has all that is wanted, or half the budget is in use
     */
    public int extend(int credit, int wanted) {
        int more = Math.min(credit, wanted - credit);
        return more > 0 && extendBy(more) ? more : 0;
    }

    private boolean extendBy(int bytes) {
        if (!takeWithin(total / 2, bytes)) {
            return false;
        }
        if (whole != null && !whole.extendBy(bytes)) {
            reserved.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    /** Gives back what was {@linkplain #reserve reserved} or got by an {@linkplain #extend extension}. */
    public void release(int bytes) {
        reserved.addAndGet(-bytes);
        if (whole != null) {
            whole.release(bytes);
        }
    }

    /** What a stream gets to start with: the wanted credit, or less where the budget is small, so that some thousand streams fit. */
    public int initialCredit(int wanted) {
        return (int) Math.min(wanted, Math.max(SMALLEST_CREDIT, total / STREAMS));
    }
}
