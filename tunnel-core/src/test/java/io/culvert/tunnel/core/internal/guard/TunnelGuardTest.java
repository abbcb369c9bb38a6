package io.culvert.tunnel.core.internal.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.tunnel.Limit;
import io.culvert.tunnel.Rate;
import io.culvert.tunnel.RelayLimits;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelMetrics;
import io.culvert.tunnel.TunnelProtection;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.core.FakeVisitor;
import io.culvert.tunnel.core.ManualScheduler;
import io.culvert.tunnel.core.net.Admission;
import io.culvert.tunnel.message.TunnelMessage.Allowance;
import io.culvert.tunnel.message.TunnelMessage.Login;
import io.culvert.tunnel.message.TunnelMessage.Protection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TunnelGuardTest {
    private static final String HERE = "192.0.2.7";

    private final ManualScheduler clock = new ManualScheduler();
    private final List<Limit> reached = new ArrayList<>();

    private TunnelGuard guard(Protection protection) {
        return guard(protection, limits -> {});
    }

    private TunnelGuard guard(Protection protection, Consumer<RelayLimits.Builder> limits) {
        TunnelMetrics metrics = new TunnelMetrics() {
            @Override
            public void limitReached(Limit limit) {
                reached.add(limit);
            }
        };
        return new TunnelGuard(
                protection, TunnelRelay.builder().limits(limits).options().limits(), metrics, clock::nanoTime);
    }

    private static Protection addresses(List<String> allow, List<String> deny) {
        return new Protection(List.of(), allow, deny, null, null, null, null);
    }

    private static Protection logins(String... usersAndPasswords) {
        TunnelSpec.Builder spec = TunnelSpec.builder(80);
        for (String entry : usersAndPasswords) {
            String[] parts = entry.split(":", 2);
            spec.protection(p -> p.login(parts[0], parts[1]));
        }
        List<Login> logins = spec.build().protection().logins().stream()
                .map(login -> new Login(login.salt(), login.hash()))
                .toList();
        return new Protection(logins, List.of(), List.of(), null, null, null, null);
    }

    private static FakeVisitor from(String ip) {
        return new FakeVisitor(ip, null, -1);
    }

    private static FakeVisitor as(String userAndPassword) {
        return new FakeVisitor(HERE, userAndPassword, -1);
    }

    private static void assertAdmitted(Admission admission) {
        assertThat(admission).isInstanceOf(Admission.Admitted.class);
    }

    private static void assertRefused(Admission admission, TunnelError error, long retryAfter) {
        assertThat(admission).isEqualTo(new Admission.Refused(error, retryAfter));
    }

    @Test
    void withoutProtectionEveryoneComesIn() {
        assertThat(guard(null).admit(from(null))).isSameAs(Admission.FREE);
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.2.3, true",
        "10.9.2.3, false",
        "11.1.2.3, false",
        "2001:db8::1, true",
        "2001:db9::1, false",
        "::ffff:10.1.2.3, true",
        ", false"
    })
    void addressesAreAllowedAndDenied(String ip, boolean admitted) {
        TunnelGuard guard = guard(addresses(List.of("10.0.0.0/8", "2001:db8::/32"), List.of("10.9.0.0/16")));
        if (admitted) {
            assertAdmitted(guard.admit(from(ip)));
        } else {
            assertRefused(guard.admit(from(ip)), TunnelError.ADDRESS_REFUSED, 0);
        }
    }

    @Test
    void whoIsUnknownIsNotLetInWhereSomeoneIsDenied() {
        assertRefused(
                guard(addresses(List.of(), List.of("10.0.0.1"))).admit(from(null)), TunnelError.ADDRESS_REFUSED, 0);
    }

    @Test
    void aPasswordLetsIn() {
        TunnelGuard guard = guard(logins("ann:sécret", "bob:with:colon"));
        assertRefused(guard.admit(as(null)), TunnelError.AUTHENTICATION_REQUIRED, 0);
        for (String wrong : List.of("ann:secret", "ann:", "ann", "bob:sécret", "", "eve:sécret")) {
            assertRefused(guard.admit(as(wrong)), TunnelError.AUTHENTICATION_REQUIRED, 0);
        }
        assertThat(guard.admit(as("ann:sécret")))
                .isInstanceOfSatisfying(Admission.Admitted.class, x -> assertThat(x.takesAuthorization())
                        .isTrue());
        assertAdmitted(guard.admit(as("bob:with:colon")));
    }

    @Test
    void passwordsAreNotSentAndSaltedAnew() {
        Login one = logins("ann:secret").logins().get(0);
        Login other = logins("ann:secret").logins().get(0);
        assertThat(one.salt()).isNotEqualTo(other.salt());
        assertThat(one.hash()).isNotEqualTo(other.hash());
        assertThat(logins("ann:secret").toString()).doesNotContain(one.hash());
    }

    @Test
    void guessingIsSlow() {
        TunnelGuard guard = guard(logins("ann:secret"), limits -> limits.failedLogins(Rate.perMinute(3)));
        for (int i = 0; i < 3; i++) {
            assertRefused(guard.admit(as("ann:" + i)), TunnelError.AUTHENTICATION_REQUIRED, 0);
        }
        assertRefused(guard.admit(as("ann:secret")), TunnelError.RATE_LIMITED, 20);
        assertRefused(guard.admit(as(null)), TunnelError.AUTHENTICATION_REQUIRED, 0);
        assertAdmitted(guard.admit(new FakeVisitor("192.0.2.8", "ann:secret", -1)));
        clock.advance(Duration.ofSeconds(20));
        assertAdmitted(guard.admit(as("ann:secret")));
        assertThat(reached).containsExactly(Limit.FAILED_LOGINS);
    }

    @Test
    void requestsAreLimitedForAllAndForEach() {
        TunnelGuard guard = guard(new Protection(
                List.of(), List.of(), List.of(), new Allowance(3, 3_000), new Allowance(2, 60_000), null, null));
        assertAdmitted(guard.admit(from(HERE)));
        assertAdmitted(guard.admit(from(HERE)));
        assertRefused(guard.admit(from(HERE)), TunnelError.RATE_LIMITED, 30);
        assertAdmitted(guard.admit(from("192.0.2.8")));
        assertRefused(guard.admit(from("192.0.2.9")), TunnelError.RATE_LIMITED, 1);
        assertThat(reached).containsExactly(Limit.REQUESTS_PER_VISITOR, Limit.REQUESTS);
        clock.advance(Duration.ofSeconds(1));
        assertAdmitted(guard.admit(from("192.0.2.9")));
    }

    @Test
    void theRelayLimitsRequestsToo() {
        TunnelGuard guard = guard(null, limits -> limits.requestsPerTunnel(Rate.perSecond(1)));
        assertAdmitted(guard.admit(from(HERE)));
        assertRefused(guard.admit(from(HERE)), TunnelError.RATE_LIMITED, 1);
    }

    @Test
    void whatIsUnderWayIsLimited() {
        TunnelGuard guard = guard(new Protection(List.of(), List.of(), List.of(), null, null, 1, null));
        Admission.Admitted one = (Admission.Admitted) guard.admit(from(HERE));
        assertRefused(guard.admit(from(HERE)), TunnelError.OVERLOADED, 0);
        one.over().run();
        assertAdmitted(guard.admit(from(HERE)));
        assertThat(reached).containsExactly(Limit.CONCURRENT_REQUESTS);
    }

    @Test
    void bodiesAreLimitedByTheSmallerOfBoth() {
        Protection wanted = new Protection(List.of(), List.of(), List.of(), null, null, null, 100L);
        TunnelGuard guard = guard(wanted, limits -> limits.bodyBytes(10));
        assertRefused(guard.admit(new FakeVisitor(HERE, null, 11)), TunnelError.BODY_TOO_LARGE, 0);
        assertThat(((Admission.Admitted) guard.admit(new FakeVisitor(HERE, null, 10))).bodyBytes())
                .isEqualTo(10);
        assertThat(((Admission.Admitted) guard(wanted).admit(from(HERE))).bodyBytes())
                .isEqualTo(100);
        assertThat(reached).containsExactly(Limit.BODY_BYTES);
    }

    @Test
    void whatCannotBeIsRefused() {
        List<Protection> bad = List.of(
                addresses(List.of("example.org"), List.of()),
                addresses(List.of(), List.of("10.0.0.1/8")),
                new Protection(List.of(new Login("c2FsdHNhbHQ=", "x")), List.of(), List.of(), null, null, null, null),
                new Protection(List.of(new Login("", "")), List.of(), List.of(), null, null, null, null),
                new Protection(List.of(), List.of(), List.of(), new Allowance(0, 1000), null, null, null),
                new Protection(List.of(), List.of(), List.of(), null, new Allowance(1, -1), null, null),
                new Protection(List.of(), List.of(), List.of(), new Allowance(1, Long.MAX_VALUE), null, null, null),
                new Protection(List.of(), List.of(), List.of(), null, null, 0, null),
                new Protection(List.of(), List.of(), List.of(), null, null, null, -1L),
                addresses(java.util.Collections.nCopies(257, "10.0.0.1"), List.of()));
        for (Protection protection : bad) {
            assertThatThrownBy(() -> guard(protection))
                    .as(protection.toString())
                    .isInstanceOfSatisfying(
                            TunnelException.class, x -> assertThat(x.error()).isEqualTo(TunnelError.BAD_CONFIGURATION));
        }
    }

    @Test
    void aSpecWithNothingSetAsksForNothing() {
        TunnelProtection none = TunnelSpec.port(80).protection();
        assertThat(none.isEmpty()).isTrue();
        assertThat(guard(null).isFor(null)).isTrue();
        assertThat(guard(logins("a:b")).isFor(null)).isFalse();
    }
}
