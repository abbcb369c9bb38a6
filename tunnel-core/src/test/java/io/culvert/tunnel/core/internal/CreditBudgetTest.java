package io.culvert.tunnel.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CreditBudgetTest {
    private static final int KIB = 1024;

    private final CreditBudget smallHeap = new CreditBudget(16 * KIB * KIB);

    @Test
    void thousandsOfStreamsFitOnASmallHeap() {
        int initial = smallHeap.initialCredit(256 * KIB);
        assertThat(initial).isEqualTo(4 * KIB);
        for (int i = 0; i < 4096; i++) {
            assertThat(smallHeap.reserve(initial)).isTrue();
        }
        assertThat(smallHeap.reserve(1)).isFalse();
        smallHeap.release(initial);
        assertThat(smallHeap.reserve(initial)).isTrue();
    }

    @Test
    void onALargeHeapAStreamStartsWithAllThatIsWanted() {
        assertThat(new CreditBudget(1L << 30).initialCredit(256 * KIB)).isEqualTo(256 * KIB);
        assertThat(smallHeap.initialCredit(KIB)).isEqualTo(KIB);
    }

    @Test
    void streamsGrowOutOfTheFirstHalfOnly() {
        int credit = 4 * KIB;
        assertThat(smallHeap.reserve(credit)).isTrue();
        while (credit < 256 * KIB) {
            int more = smallHeap.extend(credit, 256 * KIB);
            assertThat(more).isEqualTo(credit);
            credit += more;
        }
        assertThat(smallHeap.extend(credit, 256 * KIB)).isZero();
        assertThat(smallHeap.reserve(8 * KIB * KIB - 256 * KIB - 1)).isTrue();
        assertThat(smallHeap.extend(4 * KIB, 256 * KIB)).isZero();
        assertThat(smallHeap.reserve(8 * KIB * KIB)).isTrue();
        smallHeap.release(16 * KIB * KIB - 1);
        assertThat(smallHeap.extend(100, 150)).isEqualTo(50);
    }
}
