package io.culvert.tunnel.jetty.internal.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that two parsers could read differently never reach a local service. */
class SmugglingTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '~',
            value = {
                "Content-Length and Transfer-Encoding ~ POST / HTTP/1.1|Host: app.test|Content-Length: 5|Transfer-Encoding: chunked||0||GET /evil HTTP/1.1|| ~ 400",
                "two lengths ~ POST / HTTP/1.1|Host: app.test|Content-Length: 5|Content-Length: 6||hello! ~ 400",
                "the same length twice ~ POST / HTTP/1.1|Host: app.test|Content-Length: 5|Content-Length: 5||hello ~ 400",
                "a list of lengths ~ POST / HTTP/1.1|Host: app.test|Content-Length: 5, 5||hello ~ 400",
                "a signed length ~ POST / HTTP/1.1|Host: app.test|Content-Length: +5||hello ~ 400",
                "a negative length ~ POST / HTTP/1.1|Host: app.test|Content-Length: -5||hello ~ 400",
                "a length in hexadecimal ~ POST / HTTP/1.1|Host: app.test|Content-Length: 0x5||hello ~ 400",
                "an empty length ~ POST / HTTP/1.1|Host: app.test|Content-Length:||hello ~ 400",
                "two hosts ~ GET / HTTP/1.1|Host: app.test|Host: other.test|| ~ 400",
                "no host ~ GET / HTTP/1.1|| ~ 400",
                "an empty host ~ GET / HTTP/1.1|Host:|| ~ 400",
                "another host in the target ~ GET http://app.test/ HTTP/1.1|Host: other.test|| ~ 400",
                "user info in the target ~ GET http://me@app.test/ HTTP/1.1|Host: app.test|| ~ 400",
                "a space before the colon ~ POST / HTTP/1.1|Host: app.test|Transfer-Encoding : chunked||0|| ~ 400",
                "a folded line ~ GET / HTTP/1.1|Host: app.test|X-A: 1| b|| ~ 400",
                "chunked twice ~ POST / HTTP/1.1|Host: app.test|Transfer-Encoding: chunked|Transfer-Encoding: chunked||0|| ~ 400",
                "chunked not last ~ POST / HTTP/1.1|Host: app.test|Transfer-Encoding: chunked, gzip||0|| ~ 400",
                "an unknown coding ~ POST / HTTP/1.1|Host: app.test|Transfer-Encoding: gzip, chunked||0|| ~ 400",
                "chunks with HTTP/1.0 ~ POST / HTTP/1.0|Host: app.test|Transfer-Encoding: chunked||0|| ~ 400",
                "a bare line feed ~ GET / HTTP/1.1\\nHost: app.test\\n\\n ~ 400",
                "a bare carriage return ~ GET / HTTP/1.1|Host: app.test|X-A: 1\\rX-B: 2|| ~ 400",
                "a null in a field ~ GET / HTTP/1.1|Host: app.test|X-A: \\0|| ~ 400",
                "a fragment ~ GET /a#b HTTP/1.1|Host: app.test|| ~ 400",
                "a bad percent ~ GET /a%zz HTTP/1.1|Host: app.test|| ~ 400",
                "a null in the target ~ GET /a%00b HTTP/1.1|Host: app.test|| ~ 400",
                "above the root ~ GET /../a HTTP/1.1|Host: app.test|| ~ 400",
                "HTTP/0.9 ~ GET /|| ~ 505",
                "HTTP/2 preface ~ PRI * HTTP/2.0||SM|| ~ 426",
                "another version ~ GET / HTTP/3.7|Host: app.test|| ~ 505",
                "CONNECT ~ CONNECT app.test:80 HTTP/1.1|Host: app.test:80|| ~ 405",
                "TRACE ~ TRACE / HTTP/1.1|Host: app.test|| ~ 405",
            })
    void refuses(String name, String request, int status) throws Exception {
        try (TestOrigin origin = TestOrigin.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            String bytes = request.replace("|", "\r\n")
                    .replace("\\n", "\n")
                    .replace("\\r", "\r")
                    .replace("\\0", "\u0000");
            TestVisitor.Answer answer = visitor.ask(bytes);

            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.field("Tunnel-Error")).isNotNull();
            assertThat(answer.head() + answer.body()).doesNotContain("evil", "app.test", "Jetty", "Exception", "\tat ");
            assertThat(visitor.readToEnd()).isEmpty();
            assertThat(origin.accepted()).isZero();
        }
    }

    /** What stands behind such a body must not become a request of its own at one side only. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "5\nhello\r\n0\r\n\r\n",
                "5\r\nhello\n0\r\n\r\n",
                "5\r\nhello0\r\n\r\n",
                "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n",
                "5;a=\"\r\nhello\r\n0\r\n\r\n",
                "5;a\nGET /evil HTTP/1.1\r\nHost: app.test\r\n\r\n0\r\n\r\n",
                "5\rX\nhello\r\n0\r\n\r\n",
                "0x5\r\nhello\r\n0\r\n\r\n",
                "+5\r\nhello\r\n0\r\n\r\n",
                "-1\r\nhello\r\n0\r\n\r\n",
                "100000005\r\nhello\r\n0\r\n\r\n",
                "fffffffffffffffff\r\nhello\r\n0\r\n\r\n",
                "5\r\nhello\r\n0\r\nX: 1\rY: 2\r\n\r\n",
                "5\r\nhello\r\n0\r\n X: 1\r\n\r\n",
                "5\r\nhello\r\n0\n\n",
            })
    void chunksAreReadInOneWay(String body) throws Exception {
        AtomicInteger whole = new AtomicInteger();
        try (TestOrigin origin = new TestOrigin(connection -> {
                    while (connection.readRequest() != null) {
                        whole.incrementAndGet();
                        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                    }
                });
                TestRelay relay =
                        new TestRelay(origin, options -> options.timeouts(t -> t.requestBody(Duration.ofSeconds(1))));
                TestVisitor visitor = relay.visit()) {
            visitor.send("POST / HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n" + body
                    + "GET /last HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n");
            String answers = visitor.readToEnd();
            int answered = answers.split("HTTP/1.1 200 OK", -1).length - 1;
            assertThat(answered).isEqualTo(whole.get()).isIn(0, 2);
            if (answered == 0) {
                assertThat(answers).startsWith("HTTP/1.1 4").doesNotContain("evil");
            }
            while (origin.hasMoreHeads()) {
                assertThat(origin.head()).doesNotContain("evil");
            }
        }
    }
}
