package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Local services whose answers two parsers could read differently: visitors see an error, and never what was meant for another. */
@ParameterizedClass
@EnumSource(
        value = TransportCase.class,
        names = {"CONTROL", "TCP"})
class HostileServiceTest {
    private static final String OK = "HTTP/1.1 200 OK\r\n";
    private static final String EVIL = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";

    private static final String TWO_ANSWERS = OK + "Content-Length: 4\r\n\r\nmine" + EVIL;
    private static final String LATER = "one answer, and another one later";

    private final CountDownLatch late = new CountDownLatch(1);
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private final TransportCase transport;
    private volatile String hostile = "";
    private RawOrigin origin;
    private Rig rig;

    HostileServiceTest(TransportCase transport) {
        this.transport = transport;
    }

    @BeforeEach
    void start() {
        origin = RawOrigin.start(connection -> {
            while (true) {
                String target = connection.readHead().split(" ")[1];
                if (!target.equals("/hostile")) {
                    connection.send(RawOrigin.ok(target));
                } else if (hostile.isEmpty()) {
                    endless(connection);
                } else if (hostile.equals(LATER)) {
                    connection.send(RawOrigin.ok("mine"));
                    late.await();
                    connection.send(EVIL);
                    connection.assertOver();
                    over.complete(null);
                    return;
                } else {
                    connection.send(hostile);
                    if (!hostile.equals(TWO_ANSWERS)) {
                        connection.end(); // else a part of an answer would be waited for
                    }
                }
            }
        });
        rig = Rig.start(transport, origin.port());
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
        origin.close();
    }

    private static void endless(RawHttp connection) throws IOException {
        connection.send(OK);
        while (true) {
            connection.send("X-Long: " + "x".repeat(1000) + "\r\n");
        }
    }

    static List<Arguments> answers() {
        return List.of(
                Arguments.of("two answers to one request", TWO_ANSWERS),
                Arguments.of("two lengths", OK + "Content-Length: 4\r\nContent-Length: 8\r\n\r\nhalf" + EVIL),
                Arguments.of("a list of lengths", OK + "Content-Length: 4, 8\r\n\r\nhalf" + EVIL),
                Arguments.of("a signed length", OK + "Content-Length: +4\r\n\r\nhalf" + EVIL),
                Arguments.of("a negative length", OK + "Content-Length: -4\r\n\r\n" + EVIL),
                Arguments.of(
                        "a length and chunks",
                        OK + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + EVIL),
                Arguments.of("another coding", OK + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + EVIL),
                Arguments.of("a chunk of no size", OK + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n" + EVIL),
                Arguments.of("a bare carriage return", OK + "X-A: 1\rX-B: 2\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of("a carriage return in the status line", "HTTP/1.1 200 O\rK\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of("a null", OK + "X-A: 1\u0000\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of("a folded line", OK + "X-A: 1\r\n evil: 2\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of("a space before the colon", OK + "Content-Length : 4\r\n\r\nhalf"),
                Arguments.of("no version", "200 OK\r\n\r\n"),
                Arguments.of("a status that is none", "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of("a switch that nobody asked for", Upgrades.SWITCHING + EVIL),
                Arguments.of("a head without end", ""));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("answers")
    void harmNobodyElse(String what, String answer) throws Exception {
        hostile = answer;
        try (RawHttp visitor = rig.visit()) {
            String seen = ask(visitor);
            if (what.equals("two answers to one request")) {
                assertThat(seen).isEqualTo("200 mine");
            } else {
                assertThat(seen).isIn("502 local-protocol", "502 reset", "broken");
            }
            for (int i = 0; i < 3; i++) {
                String own = "/own/" + what.hashCode() + "/" + i;
                try (RawHttp next = rig.visit()) {
                    assertThat(next.send(get(own)).readResponse().text()).isEqualTo(own);
                }
            }
            if (seen.startsWith("502")) {
                assertThat(visitor.send(get("/same")).readResponse().text()).isEqualTo("/same");
            }
        }
    }

    @Test
    void anAnswerThatComesLaterIsNobodys() throws Exception {
        hostile = LATER;
        try (RawHttp visitor = rig.visit()) {
            assertThat(ask(visitor)).isEqualTo("200 mine");
            late.countDown();
            over.get(20, TimeUnit.SECONDS);
            assertThat(visitor.send(get("/same")).readResponse().text()).isEqualTo("/same");
        }
    }

    private String get(String target) {
        return "GET " + target + " HTTP/1.1\r\nHost: " + rig.host() + "\r\n\r\n";
    }

    /** What a visitor sees of the hostile answer: a status and why or what, or that it is broken. */
    private String ask(RawHttp visitor) {
        try {
            RawHttp.Response response = visitor.send(get("/hostile")).readResponse();
            assertThat(response.text().toLowerCase(Locale.ROOT)).doesNotContain("evil", "exception", "127.0.0.1");
            return response.status() + " "
                    + (response.status() == 200 ? response.text() : response.field("Tunnel-Error"));
        } catch (SocketTimeoutException x) {
            return "nothing";
        } catch (IOException cut) {
            return "broken";
        }
    }
}
