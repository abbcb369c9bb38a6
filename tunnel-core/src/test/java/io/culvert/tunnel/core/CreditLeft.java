package io.culvert.tunnel.core;

import io.culvert.tunnel.core.internal.CreditBudget;

/** How much of the process's credit is left. */
public final class CreditLeft {
    private CreditLeft() {}

    /** The largest reservation that would succeed now. */
    public static int now() {
        int least = 0;
        for (int bit = 1 << 30; bit > 0; bit >>= 1) {
            if (CreditBudget.PROCESS.reserve(least + bit)) {
                CreditBudget.PROCESS.release(least + bit);
                least += bit;
            }
        }
        return least;
    }
}
