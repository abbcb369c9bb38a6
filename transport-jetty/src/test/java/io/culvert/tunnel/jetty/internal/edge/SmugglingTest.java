package io.culvert.tunnel.jetty.internal.edge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
                "a null in a field ~ GET / HTTP/1.1|Host: app.test|X-A: \\0|| ~ 400",
                "a fragment ~ GET /a#b HTTP/1.1|Host: app.test|| ~ 400",
                "a bad percent ~ GET /a%zz HTTP/1.1|Host: app.test|| ~ 400",
                "a null in the target ~ GET /a%00b HTTP/1.1|Host: app.test|| ~ 400",
                "above the root ~ GET /../a HTTP/1.1|Host: app.test|| ~ 400",
                "HTTP/2 preface ~ PRI * HTTP/2.0||SM|| ~ 426",
                "another version ~ GET / HTTP/3.7|Host: app.test|| ~ 505",
                "CONNECT ~ CONNECT app.test:80 HTTP/1.1|Host: app.test:80|| ~ 405",
                "TRACE ~ TRACE / HTTP/1.1|Host: app.test|| ~ 405",
            })
    void refuses(String name, String request, int status) throws Exception {
        try (TestOrigin origin = TestOrigin.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            String bytes = request.replace("|", "\r\n").replace("\\n", "\n").replace("\\0", "\u0000");
            TestVisitor.Answer answer = visitor.ask(bytes);

            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.field("Tunnel-Error")).isNotNull();
            assertThat(answer.head() + answer.body()).doesNotContain("evil", "app.test", "Jetty", "Exception", "\tat ");
            assertThat(visitor.readToEnd()).isEmpty();
            assertThat(origin.accepted()).isZero();
        }
    }
}
