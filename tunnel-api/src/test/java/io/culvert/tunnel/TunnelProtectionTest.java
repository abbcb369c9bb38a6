package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TunnelProtectionTest {
    private static void assertBad(Consumer<TunnelProtection.Builder> change) {
        assertThatThrownBy(() -> TunnelSpec.builder(80).protection(change))
                .isInstanceOfSatisfying(
                        TunnelException.class, x -> assertThat(x.error()).isEqualTo(TunnelError.BAD_CONFIGURATION));
    }

    @Test
    void whatHttpCannotSayIsNoLogin() {
        assertBad(p -> p.login("a:b", "secret"));
        assertBad(p -> p.login("ann", ""));
        assertBad(p -> p.login("ann", "sec\nret"));
        assertBad(p -> p.login("a\u0000nn", "secret"));
    }

    @Test
    void limitsHaveTheirRange() {
        assertBad(p -> p.concurrentRequests(0));
        assertBad(p -> p.bodyBytes(-1));
        assertBad(p -> p.allow("everyone"));
    }

    @Test
    void noPasswordIsKept() {
        TunnelSpec spec = TunnelSpec.builder(80)
                .protection(p -> p.login("ann", "open-sesame"))
                .build();
        assertThat(spec.toString() + spec.protection().logins()).doesNotContain("open-sesame");
        assertThat(spec.protection().logins().get(0).hash()).hasSize(44);
    }

    @Test
    void callsAddUp() {
        TunnelProtection protection = TunnelSpec.builder(80)
                .protection(p -> p.allow("10.0.0.0/8"))
                .protection(p -> p.allow("192.0.2.1").requests(Rate.parse("600/m")))
                .build()
                .protection();
        assertThat(protection.allowed()).hasSize(2);
        assertThat(protection.requests()).contains(Rate.perMinute(600));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10", "10/d", "0/s", "x/s", "10/", "-1/s", "10000000/s", "1.5/s"})
    void whatIsNoRateIsABadOption(String text) {
        assertBad(p -> p.requests(Rate.parse(text)));
    }

    @Test
    void aPeriodHasItsRange() {
        assertBad(p -> p.requests(new Rate(1, Duration.ZERO)));
        assertBad(p -> p.requests(new Rate(1, Duration.ofDays(2))));
    }
}
