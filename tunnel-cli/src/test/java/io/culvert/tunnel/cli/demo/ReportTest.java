package io.culvert.tunnel.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {
    @Test
    void figuresAreReadable() {
        assertThat(Report.bytes(0)).isEqualTo("0 B");
        assertThat(Report.bytes(1023)).isEqualTo("1023 B");
        assertThat(Report.bytes(1536)).isEqualTo("1.5 KiB");
        assertThat(Report.bytes(8 << 20)).isEqualTo("8.0 MiB");
        assertThat(Report.time(Duration.ofMillis(999))).isEqualTo("999 ms");
        assertThat(Report.time(Duration.ofMillis(3_014))).isEqualTo("3.01 s");
    }

    @Test
    void aFailureStandsOut() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Report report = new Report(new PrintStream(out, true, StandardCharsets.UTF_8));
        report.head();
        report.rows("tcp", List.of(new Outcome("GET /", false, 0, 0, Duration.ofMillis(3), "status 502")));
        assertThat(out.toString(StandardCharsets.UTF_8))
                .containsPattern("tcp +GET / +0 B +0 B +3 ms +FAILED: status 502");
    }
}
