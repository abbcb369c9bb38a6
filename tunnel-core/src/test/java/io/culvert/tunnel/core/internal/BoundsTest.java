package io.culvert.tunnel.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What a peer can make grow, and how far. */
class BoundsTest {
    @Test
    void creditComesOutOfABudget() {
        CreditBudget budget = new CreditBudget(100);
        assertThat(budget.reserve(60)).isTrue();
        assertThat(budget.reserve(41)).isFalse();
        assertThat(budget.reserve(40)).isTrue();
        budget.release(60);
        assertThat(budget.reserve(60)).isTrue();
    }

    @Test
    void aPartIsAlsoTakenFromTheWhole() {
        AtomicInteger shortInAll = new AtomicInteger();
        AtomicInteger shortInPart = new AtomicInteger();
        CreditBudget process = new CreditBudget(100);
        CreditBudget relay = process.part(80, shortInAll::incrementAndGet);
        CreditBudget session = relay.part(50, shortInPart::incrementAndGet);
        assertThat(session.reserve(50)).isTrue();
        assertThat(session.reserve(1)).isFalse();
        assertThat(shortInPart).hasValue(1);
        CreditBudget other = relay.part(50, shortInPart::incrementAndGet);
        assertThat(other.reserve(31)).isFalse();
        assertThat(shortInAll).hasValue(1);
        assertThat(other.reserve(30)).isTrue();
        other.release(30);
        assertThat(process.reserve(50)).isTrue(); // someone else in the process
        assertThat(other.reserve(1)).isFalse();
        assertThat(shortInAll).hasValue(2);
        assertThat(shortInPart).hasValue(1);
        session.release(50);
        assertThat(process.reserve(50)).isTrue();
    }

    @Test
    void onASmallHeapStreamsStartWithLess() {
        long quarterOf256MiB = 64L << 20;
        assertThat(new CreditBudget(quarterOf256MiB).initialCredit(256 * 1024)).isEqualTo(16 * 1024);
        assertThat(new CreditBudget(1L << 20).initialCredit(256 * 1024)).isEqualTo(4 * 1024);
        assertThat(new CreditBudget(1L << 40).initialCredit(256 * 1024)).isEqualTo(256 * 1024);
        assertThat(new CreditBudget(1L << 20).initialCredit(1024)).isEqualTo(1024);
    }

    @Test
    void straysAreCountedInAWindow() {
        AtomicLong now = new AtomicLong();
        StrayGuard guard = new StrayGuard(now::get);
        guard.known("mine");
        for (int i = 0; i < StrayGuard.MAX_STRAYS; i++) {
            assertThat(guard.stray("x" + i)).isFalse();
            assertThat(guard.stray("mine")).isFalse();
        }
        assertThat(guard.stray("one too many")).isTrue();
        now.addAndGet(StrayGuard.WINDOW.toNanos() + 1);
        assertThat(guard.stray("again")).isFalse();
        for (int i = 0; i < StrayGuard.REMEMBERED; i++) {
            guard.known("newer" + i);
        }
        for (int i = 0; i < StrayGuard.MAX_STRAYS - 1; i++) {
            assertThat(guard.stray("mine")).isFalse();
        }
        assertThat(guard.stray("mine")).isTrue();
    }

    @Test
    void aPeersTextIsCutAndWithoutControlCharacters() {
        assertThat(LogText.clean("a\r\nb\u001b[1m\u202ec\u2028d")).isEqualTo("a??b?[1m?c?d");
        assertThat(LogText.clean("x".repeat(1000))).hasSize(201);
        assertThat(LogText.clean(null)).isEmpty();
        String reason = LogText.closeReason("ü".repeat(150));
        assertThat(reason.getBytes(StandardCharsets.UTF_8).length).isBetween(121, 123);
    }
}
