package io.culvert.tunnel.core.internal;

import java.util.concurrent.atomic.AtomicLong;

/** Memory set aside for bytes that peers may send: one budget for the whole process, a quarter of the largest heap. */
public final class CreditBudget {
    /** The budget of this process. */
    public static final CreditBudget PROCESS =
            new CreditBudget(Runtime.getRuntime().maxMemory() / 4);

    private static final int SMALLEST_CREDIT = 16 * 1024;
    private static final int STREAMS_AT_FULL_CREDIT = 256;

    private final long total;
    private final AtomicLong reserved = new AtomicLong();

    CreditBudget(long total) {
        this.total = total;
    }

    /** Sets bytes aside, if that many are left. */
    public boolean reserve(int bytes) {
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
    }

    /** What a stream gets to start with: the wanted credit, or less on a small heap, so that some hundred streams fit. */
    public int initialCredit(int wanted) {
        return (int) Math.min(wanted, Math.max(SMALLEST_CREDIT, total / STREAMS_AT_FULL_CREDIT));
    }
}
