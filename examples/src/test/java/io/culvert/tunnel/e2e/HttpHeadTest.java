package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of heads on their way: targets and fields, as both ends see them. */
@ParameterizedClass
@EnumSource(TransportCase.class)
class HttpHeadTest {
    private final TransportCase transport;
    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    private volatile String answer = RawOrigin.ok("");
    private RawOrigin origin;
    private Rig rig;
    private RawHttp visitor;

    HttpHeadTest(TransportCase transport) {
        this.transport = transport;
    }

    @BeforeEach
    void start() throws Exception {
        origin = RawOrigin.answering(head -> {
            received.add(head);
            return answer;
        });
        rig = Rig.start(transport, origin.port());
        visitor = rig.visit();
    }

    @AfterEach
    void stop() throws Exception {
        visitor.close();
        rig.close();
        origin.close();
    }

    /** Sends a GET and returns the answer. */
    private RawHttp.Response get(String target, String fields) throws IOException {
        visitor.send("GET " + target + " HTTP/1.1\r\nHost: " + rig.host() + "\r\n" + fields + "\r\n");
        return visitor.readResponse();
    }

    private String received() throws InterruptedException {
        String head = received.poll(30, TimeUnit.SECONDS);
        assertThat(head).as("the request that reached the service").isNotNull();
        return head;
    }

    private List<String> receivedFields() throws InterruptedException {
        return RawHttp.fields(received());
    }

    @Test
    void tracesGoOnAndWhatNobodyKnowsPassesUntouched() throws Exception {
        List<String> sent = List.of(
                "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "tracestate: rojo=00f067aa0ba902b7,congo=t61rcWkgMzE",
                "baggage: userId=alice,serverNode=DF%2028;x=1",
                "X-B3-TraceId: 80f198ee56343ba864fe8b2a57d3eff7",
                "x-odd_NAME: a,b ;c=\"d\"",
                "x-twice: 1",
                "x-twice: 2");
        answer = "HTTP/1.1 200 OK\r\nServer-Timing: db;dur=53\r\n"
                + "traceresponse: 00-4bf92f3577b34da6a3ce929d0e0e4736-1-01\r\nContent-Length: 0\r\n\r\n";
        RawHttp.Response response = get("/", String.join("\r\n", sent) + "\r\n");
        assertThat(receivedFields()).containsSubsequence(sent);
        assertThat(response.fields())
                .contains("Server-Timing: db;dur=53", "traceresponse: 00-4bf92f3577b34da6a3ce929d0e0e4736-1-01");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/a%2Fb",
                "//double//slash",
                "/a/%2e%2e/up",
                "/a/../b/./c",
                "/a|b{c}",
                "/;x=1/y;z",
                "/?q=a%20b+c&&=&d",
                "/?",
                "/caf%C3%A9",
                "/a%5cb",
                "/x?u=http://other/%2F?a=b",
                "/^`\"<>",
            })
    void passesTheTargetByteForByte(String target) throws Exception {
        assertThat(get(target, "").status()).isEqualTo(200);
        assertThat(received()).startsWith("GET " + target + " HTTP/1.1\r\n");
    }

    @Test
    void keepsHostAndOrdinaryFields() throws Exception {
        get("/", "Accept: a/b;q=0.5, c\r\nX-Twice: 1\r\nX-Twice: 2\r\nCookie: a=b\r\nUser-Agent: test/1\r\n");
        assertThat(receivedFields())
                .contains(
                        "Host: " + rig.host(),
                        "Accept: a/b;q=0.5, c",
                        "X-Twice: 1",
                        "X-Twice: 2",
                        "Cookie: a=b",
                        "User-Agent: test/1")
                .noneMatch(f -> f.startsWith("Accept-Encoding") || f.startsWith("Content-"));
    }

    @Test
    void removesHopByHopFieldsOnTheWayUp() throws Exception {
        get(
                "/",
                "Connection: keep-alive, X-Mine\r\nX-Mine: 1\r\nKeep-Alive: timeout=5\r\nTE: gzip\r\n"
                        + "Proxy-Connection: keep-alive\r\nProxy-Authorization: Basic eA==\r\nX-Kept: 1\r\n");
        List<String> fields = receivedFields();
        assertThat(fields).contains("X-Kept: 1");
        for (String name : List.of("X-Mine", "Keep-Alive", "TE", "Proxy-Connection", "Proxy-Authorization")) {
            assertThat(RawHttp.values(fields, name)).as(name).isEmpty();
        }
    }

    @Test
    void removesHopByHopFieldsOnTheWayDown() throws Exception {
        answer = "HTTP/1.1 200 OK\r\nConnection: X-Mine\r\nX-Mine: 1\r\nKeep-Alive: timeout=5\r\n"
                + "Proxy-Authenticate: Basic\r\nX-Kept: 1\r\nContent-Length: 0\r\n\r\n";
        RawHttp.Response response = get("/", "");
        assertThat(response.field("X-Kept")).isEqualTo("1");
        for (String name : List.of("X-Mine", "Keep-Alive", "Proxy-Authenticate")) {
            assertThat(response.values(name)).as(name).isEmpty();
        }
    }

    @Test
    void replacesWhatAVisitorForgedAboutItsOrigin() throws Exception {
        get(
                "/",
                "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Host: evil\r\nX-Forwarded-Proto: gopher\r\n"
                        + "X-Forwarded-Port: 1\r\nForwarded: for=6.6.6.6\r\n");
        List<String> fields = receivedFields();
        assertThat(RawHttp.values(fields, "X-Forwarded-For")).containsExactly("127.0.0.1");
        assertThat(RawHttp.values(fields, "X-Forwarded-Host")).containsExactly(rig.host());
        assertThat(RawHttp.values(fields, "X-Forwarded-Proto")).containsExactly("http");
        assertThat(String.join("\n", fields)).doesNotContain("6.6.6.6", "evil", "gopher");
    }

    @Test
    void passesTheAnswersStatusAndFields() throws Exception {
        answer = "HTTP/1.1 299 Quite Fine\r\nServer: mine\r\nSet-Cookie: a=1; Path=/\r\nSet-Cookie: b=2; Secure\r\n"
                + "Set-Cookie: c=3\r\nX-Empty:\r\nETag: \"x\"\r\nContent-Length: 2\r\n\r\nhi";
        RawHttp.Response response = get("/", "");
        assertThat(response.status()).isEqualTo(299);
        assertThat(response.values("Set-Cookie")).containsExactly("a=1; Path=/", "b=2; Secure", "c=3");
        assertThat(response.field("Server")).isEqualTo("mine");
        assertThat(response.field("ETag")).isEqualTo("\"x\"");
        assertThat(response.values("Date")).isEmpty();
        assertThat(response.values("Content-Type")).isEmpty();
        assertThat(response.text()).isEqualTo("hi");
    }

    @Test
    void takesAnHttp10Visitor() throws Exception {
        visitor.send("GET /old HTTP/1.0\r\nHost: " + rig.host() + "\r\n\r\n");
        RawHttp.Response response = visitor.readResponse();
        assertThat(response.status()).isEqualTo(200);
        visitor.assertEnd();
        assertThat(received()).startsWith("GET /old HTTP/1.1\r\n");
    }

    @Test
    void answersPipelinedRequestsInOrder() throws Exception {
        String one = "GET /%d HTTP/1.1\r\nHost: " + rig.host() + "\r\n\r\n";
        visitor.send(one.formatted(1) + one.formatted(2) + one.formatted(3));
        for (int i = 1; i <= 3; i++) {
            assertThat(visitor.readResponse().status()).isEqualTo(200);
            assertThat(received()).startsWith("GET /" + i + " ");
        }
    }
}
