package io.culvert.tunnel.jetty.internal.edge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a local service sees of a request, and a visitor of an answer. */
class HttpProxyTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    @Test
    void carriesARequestAndItsAnswer() throws Exception {
        try (TestOrigin origin = TestOrigin.answering(
                        "HTTP/1.1 201 Created\r\nContent-Length: 5\r\nX-A: 1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nServer: mine\r\n\r\nhello");
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            TestVisitor.Answer answer =
                    visitor.ask("GET /path?q=1 HTTP/1.1\r\nHost: app.test\r\nUser-Agent: me\r\nCookie: c\r\n\r\n");

            assertThat(answer.status()).isEqualTo(201);
            assertThat(answer.body()).isEqualTo("hello");
            assertThat(Wire.fields(answer.head(), "Set-Cookie")).containsExactly("a=1", "b=2");
            assertThat(answer.field("Server")).isEqualTo("mine");
            assertThat(answer.field("Date")).isNull();
            assertThat(answer.field("X-Powered-By")).isNull();
            String head = origin.head();
            assertThat(head).startsWith("GET /path?q=1 HTTP/1.1\r\nHost: app.test\r\n");
            assertThat(Wire.field(head, "User-Agent")).isEqualTo("me");
            assertThat(Wire.field(head, "Cookie")).isEqualTo("c");
            assertThat(Wire.field(head, "Accept-Encoding")).isNull();
            assertThat(Wire.field(head, "Content-Type")).isNull();
            assertThat(Wire.field(head, "Via")).isNull();
            assertThat(Wire.field(head, "Connection")).isNull();
        }
    }

    @Test
    void keepsStreamsAlive() throws Exception {
        try (TestOrigin origin = TestOrigin.answering(OK);
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            for (int i = 0; i < 50; i++) {
                assertThat(visitor.ask("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n")
                                .body())
                        .isEqualTo("ok");
            }
            assertThat(relay.tunnel().opened).hasValue(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/a%2Fb",
                "//",
                "//x/y",
                "/x/%2e%2e/b",
                "/a/../b",
                "/a|b",
                "/{x}",
                "/a;x=1/b;y",
                "/a?",
                "/a?b?c",
                "/?{|}^`\"",
                "/%ff%fe",
                "/a//b/./c",
                "/%25",
                "/a\\b",
                "/*",
                "/a?x=%zz",
            })
    void keepsTargetsByteForByte(String target) throws Exception {
        try (TestOrigin origin = TestOrigin.answering(OK);
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            assertThat(visitor.ask("GET " + target + " HTTP/1.1\r\nHost: app.test\r\n\r\n")
                            .status())
                    .isEqualTo(200);
            assertThat(origin.head()).startsWith("GET " + target + " HTTP/1.1\r\n");
        }
    }

    @Test
    void carriesOptionsStarAndAbsoluteForm() throws Exception {
        try (TestOrigin origin = TestOrigin.answering(OK);
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            visitor.ask("OPTIONS * HTTP/1.1\r\nHost: app.test\r\n\r\n");
            assertThat(origin.head()).startsWith("OPTIONS * HTTP/1.1\r\n");
            visitor.ask("GET http://app.test/x?y HTTP/1.1\r\nHost: app.test\r\n\r\n");
            assertThat(origin.head()).startsWith("GET /x?y HTTP/1.1\r\nHost: app.test\r\n");
            visitor.ask("GET http://app.test HTTP/1.1\r\nHost: app.test\r\n\r\n");
            assertThat(origin.head()).startsWith("GET / HTTP/1.1\r\nHost: app.test\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PROPFIND", "PATCH", "DELETE", "OPTIONS", "M-SEARCH", "get", "QUERY"})
    void carriesAnyOtherMethod(String method) throws Exception {
        try (TestOrigin origin = TestOrigin.answering(OK);
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            assertThat(visitor.ask(method + " / HTTP/1.1\r\nHost: app.test\r\n\r\n")
                            .status())
                    .isEqualTo(200);
            assertThat(origin.head()).startsWith(method + " / HTTP/1.1\r\n");
        }
    }

    @Test
    void replacesForwardedFieldsAndDropsHopByHopOnes() throws Exception {
        try (TestOrigin origin = TestOrigin.answering(
                        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nUpgrade: h2c\r\nX-Stay: 1\r\n\r\nok");
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            TestVisitor.Answer answer = visitor.ask(
                    "GET / HTTP/1.1\r\nHost: app.test:8080\r\n"
                            + "X-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: gopher\r\nX-Forwarded-Host: evil\r\nX-Forwarded-Port: 1\r\n"
                            + "X-Forwarded-Prefix: /evil\r\nForwarded: for=9.9.9.9\r\nConnection: keep-alive, X-Mine, Host, X-Forwarded-For\r\n"
                            + "X-Mine: 1\r\nKeep-Alive: 1\r\nProxy-Connection: x\r\nProxy-Authorization: y\r\nTE: trailers, deflate\r\nX-End: 1\r\n\r\n");
            String head = origin.head();

            assertThat(Wire.fields(head, "X-Forwarded-For")).containsExactly("127.0.0.1");
            assertThat(Wire.fields(head, "X-Forwarded-Proto")).containsExactly("http");
            assertThat(Wire.fields(head, "X-Forwarded-Host")).containsExactly("app.test:8080");
            assertThat(Wire.fields(head, "Host")).containsExactly("app.test:8080");
            assertThat(head.toLowerCase(java.util.Locale.ROOT))
                    .doesNotContain(
                            "evil", "forwarded-port", "\r\nforwarded:", "x-mine", "keep-alive", "proxy-", "deflate");
            assertThat(Wire.fields(head, "TE")).containsExactly("trailers");
            assertThat(Wire.fields(head, "Connection")).containsExactly("TE");
            assertThat(Wire.field(head, "X-End")).isEqualTo("1");
            assertThat(answer.head().toLowerCase(java.util.Locale.ROOT))
                    .doesNotContain("x-hop", "keep-alive", "upgrade");
            assertThat(answer.field("X-Stay")).isEqualTo("1");
        }
    }

    @Test
    void answersWithoutABody() throws Exception {
        try (TestOrigin origin = new TestOrigin(connection -> {
                    for (String head = connection.readRequest(); head != null; head = connection.readRequest()) {
                        connection.send(
                                head.startsWith("HEAD /length")
                                        ? "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
                                        : head.startsWith("HEAD /chunks")
                                                ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                                : head.startsWith("HEAD")
                                                        ? "HTTP/1.1 200 OK\r\n\r\n"
                                                        : head.startsWith("GET /204")
                                                                ? "HTTP/1.1 204 No Content\r\n\r\n"
                                                                : "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n");
                    }
                });
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            visitor.send("HEAD /length HTTP/1.1\r\nHost: app.test\r\n\r\n");
            assertThat(Wire.field(visitor.readHead(), "Content-Length")).isEqualTo("1000");
            visitor.send("HEAD /chunks HTTP/1.1\r\nHost: app.test\r\n\r\n");
            assertThat(Wire.field(visitor.readHead(), "Content-Length")).isNull();
            visitor.send("HEAD /none HTTP/1.1\r\nHost: app.test\r\n\r\n");
            assertThat(Wire.field(visitor.readHead(), "Content-Length")).isNull();
            visitor.send("GET /204 HTTP/1.1\r\nHost: app.test\r\n\r\n");
            String noContent = visitor.readHead();
            assertThat(Wire.status(noContent)).isEqualTo(204);
            assertThat(Wire.field(noContent, "Content-Length")).isNull();
            visitor.send("GET /304 HTTP/1.1\r\nHost: app.test\r\n\r\n");
            String notModified = visitor.readHead();
            assertThat(Wire.status(notModified)).isEqualTo(304);
            assertThat(Wire.field(notModified, "Content-Length")).isNull();
            assertThat(Wire.field(notModified, "ETag")).isEqualTo("\"x\"");
            assertThat(relay.tunnel().opened).hasValue(1);
        }
    }

    @Test
    void countsExactlyTheStreamsBytes() throws Exception {
        String answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
        try (TestOrigin origin = TestOrigin.answering(answer);
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            visitor.ask("POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 3\r\n\r\nabc");

            assertThat(relay.tunnel().up).hasValue(origin.head().length() + 3);
            assertThat(relay.tunnel().down).hasValue(answer.length());
        }
    }

    @Test
    void continuesTheForwardingFieldsOfATrustedProxy() throws Exception {
        try (TestOrigin origin = TestOrigin.answering(OK);
                TestRelay relay = new TestRelay(origin, options -> options.trustedProxies("127.0.0.0/8"));
                TestVisitor visitor = relay.visit()) {
            visitor.ask("GET / HTTP/1.1\r\nHost: app.test\r\nX-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: https\r\n"
                    + "X-Forwarded-Prefix: /p\r\nForwarded: for=9.9.9.9\r\nConnection: X-Forwarded-Proto\r\n\r\n");
            String head = origin.head();
            assertThat(Wire.fields(head, "X-Forwarded-For")).containsExactly("9.9.9.9, 127.0.0.1");
            assertThat(Wire.fields(head, "X-Forwarded-Proto")).containsExactly("https");
            assertThat(Wire.fields(head, "X-Forwarded-Host")).containsExactly("app.test");
            assertThat(Wire.fields(head, "X-Forwarded-Prefix")).containsExactly("/p");
            assertThat(Wire.fields(head, "Forwarded")).containsExactly("for=9.9.9.9");
        }
    }

    @Test
    void showsTheHostThatATunnelWants() throws Exception {
        try (TestOrigin origin = TestOrigin.answering(OK);
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            relay.tunnel().hostHeader = "localhost:3000";
            visitor.ask("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n");
            String head = origin.head();
            assertThat(Wire.fields(head, "Host")).containsExactly("localhost:3000");
            assertThat(Wire.fields(head, "X-Forwarded-Host")).containsExactly("app.test");
        }
    }
}
