package io.culvert.tunnel.cli.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.jetty.RelayRoute;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RelayStepTest {
    private static final RelayRoute ROUTE = new RelayRoute("relay.test", 80, false, Optional.empty());

    private static Optional<AnswerHead> head(String text) throws IOException {
        return AnswerHead.read(new ByteArrayInputStream(
                text.replace("|", "\r\n").concat("\r\n\r\nmore").getBytes(StandardCharsets.ISO_8859_1)));
    }

    @Test
    void aRelayAsksForTheUpgrade() throws IOException {
        assertThat(RelayStep.judge(head("HTTP/1.1 426 Upgrade Required|Tunnel-Error: bad-request"), ROUTE))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "HTTP/1.1 404 Not Found; not a relay: 404; not of a web server",
                "HTTP/1.1 426 Upgrade Required; not a relay: 426; not of a web server",
                "HTTP/1.1 404 Not Found|Tunnel-Error: unknown-tunnel; not its own host: 404 unknown-tunnel; not that of a tunnel",
                "HTTP/1.1 301 Moved|Location: https://relay.test/; 301; It redirects to https://relay.test/",
                "HTTP/1.1 502 Bad Gateway; 502; behind it running",
                "HTTP/1.1 400 The plain HTTP request was sent to HTTPS port; 400; begins with wss://",
                "SSH-2.0-OpenSSH; does not speak HTTP; begins with wss://",
                "HTTP/2 200; does not speak HTTP; check the port",
            })
    void everythingElseIsToldApart(String answer, String what, String advice) throws IOException {
        Finding finding = RelayStep.judge(head(answer), ROUTE).orElseThrow();
        assertThat(finding.isFailed()).isTrue();
        assertThat(finding.what()).contains(what);
        assertThat(finding.advice().orElseThrow()).contains(advice);
    }

    @Test
    void anAnswerWithoutEndIsNone() throws IOException {
        assertThat(head("HTTP/1.1 200 OK|X: " + "x".repeat(20_000)))
                .isPresent()
                .get()
                .satisfies(answer -> assertThat(answer.status()).isEqualTo(200));
        assertThat(AnswerHead.read(new ByteArrayInputStream("HTTP/1.1 200".getBytes(StandardCharsets.US_ASCII))))
                .isEmpty();
    }
}
