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
    void aFailureStandsOut() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Report report = new Report(new PrintStream(out, true, StandardCharsets.UTF_8));
        report.head();
        report.rows("tcp", List.of(new Outcome("GET /", false, 0, 0, Duration.ofMillis(13), "status 502")));
        assertThat(out.toString(StandardCharsets.UTF_8))
                .containsPattern("tcp +GET / +0 B +0 B +13 ms +FAILED: status 502");
    }
}
