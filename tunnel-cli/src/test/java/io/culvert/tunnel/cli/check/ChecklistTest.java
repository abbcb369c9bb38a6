package io.culvert.tunnel.cli.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.cli.terminal.Style;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ChecklistTest {
    private final Checklist anyTransport = new Checklist(false);

    @Test
    void oneTransportIsEnough() {
        anyTransport.add(Finding.failed("stream tcp", "reset", "advice"));
        anyTransport.add(Finding.ok("stream control", "fine", Duration.ofMillis(2)));
        assertThat(anyTransport.exitCode()).isZero();
        assertThat(anyTransport.summary(Style.PLAIN)).isEqualTo("It works, but only by control.");
    }

    @Test
    void everyTransportThatIsNamedHasToWork() {
        Checklist all = new Checklist(true);
        all.add(Finding.failed("stream tcp", "reset", "advice"));
        all.add(Finding.ok("stream control", "fine"));
        assertThat(all.exitCode()).isEqualTo(1);
    }

    @Test
    void theFirstFailureDecidesWhatTheProcessSays() {
        anyTransport.add(Finding.failed("token", "no", "advice", 3));
        anyTransport.add(Finding.skipped("stream tcp"));
        assertThat(anyTransport.exitCode()).isEqualTo(3);
        assertThat(anyTransport.summary(Style.PLAIN)).startsWith("It does not work yet");
    }

    @Test
    void aPublicUrlThatIsNotFoundIsNoFailure() {
        anyTransport.add(Finding.doubtful("public url", "no DNS", "advice"));
        anyTransport.add(Finding.ok("stream tcp", "fine"));
        assertThat(anyTransport.exitCode()).isZero();
        assertThat(anyTransport.summary(Style.PLAIN)).contains("visitors may not find it");
    }

    @Test
    void adviceStandsUnderWhatFailedAndCannotChangeTheScreen() {
        assertThat(Checklist.lines(Finding.failed("relay", "302", "Location: \u001b[2Jx"), Style.PLAIN))
                .containsExactly("  FAILED relay          302", " ".repeat(24) + "Location: ?[2Jx");
    }

    @Test
    void aProgramGetsEveryStep() {
        anyTransport.add(Finding.ok("relay", "a relay", Duration.ofNanos(1_234_567)));
        anyTransport.add(Finding.ok("stream tcp", "fine"));
        assertThat(anyTransport.json("ws://r"))
                .containsEntry("ok", true)
                .containsEntry("round_trip_ms", 1.23)
                .containsEntry("transports", java.util.List.of("tcp"));
        assertThat(anyTransport.json("ws://r").get("steps").toString())
                .isEqualTo(
                        "[{step=relay, verdict=ok, what=a relay, ms=1.23}, {step=stream tcp, verdict=ok, what=fine}]");
    }
}
