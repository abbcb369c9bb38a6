package io.culvert.tunnel.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.Limit;
import io.culvert.tunnel.Rate;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelProtection;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What stands between a tunnel and its visitors: the service never hears of whom the relay turns away. */
@ParameterizedClass
@EnumSource(
        value = TransportCase.class,
        names = {"CONTROL", "TCP"})
class ProtectionTest {
    private final TransportCase transport;
    private final List<String> heads = new CopyOnWriteArrayList<>();
    private final CountingMetrics metrics = new CountingMetrics();
    private final RawOrigin origin;
    private TunnelRelay relay;
    private TunnelAgent agent;
    private Tunnel tunnel;

    ProtectionTest(TransportCase transport) throws IOException {
        this.transport = transport;
        this.origin = RawOrigin.start(c -> {
            while (true) {
                String head = c.readHead();
                heads.add(head);
                readBody(c, head);
                c.send(RawOrigin.ok("in"));
            }
        });
    }

    private static void readBody(RawHttp from, String head) throws IOException {
        List<String> fields = RawHttp.fields(head);
        for (String length : RawHttp.values(fields, "Content-Length")) {
            from.readExactly(Integer.parseInt(length));
        }
        if (!RawHttp.values(fields, "Transfer-Encoding").isEmpty()) {
            from.readChunked();
        }
    }

    private void start(Consumer<TunnelRelay.Builder> options, Consumer<TunnelProtection.Builder> protection) {
        TunnelRelay.Builder relayBuilder =
                TunnelRelay.builder().metrics(metrics).drainTimeout(Duration.ZERO);
        transport.on(relayBuilder);
        options.accept(relayBuilder);
        relay = relayBuilder.start();
        TunnelAgent.Builder agentBuilder =
                TunnelAgent.builder().relay(relay.uri()).drainTimeout(Duration.ZERO);
        transport.on(agentBuilder);
        agent = agentBuilder.build();
        tunnel = agent.expose(
                TunnelSpec.builder(origin.port()).protection(protection).build());
    }

    @AfterEach
    void stop() throws Exception {
        if (agent != null) {
            agent.close();
        }
        relay.close();
        origin.close();
    }

    private RawHttp visit() throws IOException {
        return RawHttp.connect(tunnel.publicUrl().getPort());
    }

    private RawHttp.Response ask(String fields) throws IOException {
        try (RawHttp visitor = visit()) {
            return visitor.send("GET / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n")
                    .readResponse();
        }
    }

    private static String basic(String login) {
        return "Authorization: Basic " + Base64.getEncoder().encodeToString(login.getBytes(UTF_8)) + "\r\n";
    }

    private static void assertRefused(RawHttp.Response response, TunnelError error) {
        assertThat(response.status()).isEqualTo(error.status());
        assertThat(response.field("Tunnel-Error")).isEqualTo(error.code());
    }

    @Test
    void aPassword() throws Exception {
        start(relay -> {}, protection -> protection.login("me", "open sesame"));
        RawHttp.Response refused = ask("");
        assertRefused(refused, TunnelError.AUTHENTICATION_REQUIRED);
        assertThat(refused.field("WWW-Authenticate")).startsWith("Basic realm=");
        assertRefused(ask(basic("me:wrong")), TunnelError.AUTHENTICATION_REQUIRED);
        assertRefused(ask("Authorization: Bearer x\r\n"), TunnelError.AUTHENTICATION_REQUIRED);
        try (RawHttp visitor = visit()) {
            visitor.send(Upgrades.request("h"));
            assertRefused(visitor.readResponse(), TunnelError.AUTHENTICATION_REQUIRED);
        }
        assertThat(heads).isEmpty();
        assertThat(ask(basic("me:open sesame")).text()).isEqualTo("in");
        assertThat(heads).hasSize(1).noneMatch(head -> head.toLowerCase().contains("authorization"));
    }

    @Test
    void guessingIsSlow() throws Exception {
        start(
                relay -> relay.limits(l -> l.failedLogins(Rate.perMinute(3))),
                protection -> protection.login("me", "open sesame"));
        List<Integer> statuses = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            statuses.add(ask(basic("me:" + i)).status());
        }
        assertThat(statuses).containsExactly(401, 401, 401, 429, 429);
        RawHttp.Response later = ask(basic("me:open sesame"));
        assertRefused(later, TunnelError.RATE_LIMITED);
        assertThat(Integer.parseInt(later.field("Retry-After"))).isBetween(1, 60);
        assertThat(metrics.reached(Limit.FAILED_LOGINS)).isEqualTo(3);
    }

    @Test
    void addresses() throws Exception {
        start(
                relay -> relay.trustedProxies("127.0.0.1"),
                protection -> protection.allow("192.0.2.0/24").deny("192.0.2.9"));
        assertRefused(ask(""), TunnelError.ADDRESS_REFUSED);
        assertRefused(ask("X-Forwarded-For: 192.0.2.9\r\n"), TunnelError.ADDRESS_REFUSED);
        assertRefused(ask("X-Forwarded-For: 192.0.2.7, 198.51.100.1\r\n"), TunnelError.ADDRESS_REFUSED);
        for (String nobody : List.of("192.0.2.7,", "192.0.2.7, ", ",", "192.0.2.7, unknown", "192.0.2.7, 127.0.0.1,")) {
            assertRefused(ask("X-Forwarded-For: " + nobody + "\r\n"), TunnelError.ADDRESS_REFUSED);
        }
        assertThat(ask("X-Forwarded-For: 198.51.100.1, 192.0.2.7\r\n").text()).isEqualTo("in");
        assertThat(heads).hasSize(1);
    }

    @Test
    void aForgedAddressHelpsNobody() throws Exception {
        start(relay -> {}, protection -> protection.allow("192.0.2.7"));
        assertRefused(ask("X-Forwarded-For: 192.0.2.7\r\nForwarded: for=192.0.2.7\r\n"), TunnelError.ADDRESS_REFUSED);
        assertThat(heads).isEmpty();
    }

    @Test
    void rates() throws Exception {
        start(relay -> {}, protection -> protection.requestsPerVisitor(Rate.perMinute(2)));
        assertThat(ask("").status()).isEqualTo(200);
        assertThat(ask("").status()).isEqualTo(200);
        RawHttp.Response refused = ask("");
        assertRefused(refused, TunnelError.RATE_LIMITED);
        assertThat(Integer.parseInt(refused.field("Retry-After"))).isBetween(1, 60);
        assertThat(heads).hasSize(2);
        assertThat(metrics.reached(Limit.REQUESTS_PER_VISITOR)).isEqualTo(1);
    }

    @Test
    void bodies() throws Exception {
        start(relay -> {}, protection -> protection.bodyBytes(10));
        try (RawHttp visitor = visit()) {
            visitor.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n");
            assertRefused(visitor.readResponse(), TunnelError.BODY_TOO_LARGE);
        }
        assertThat(heads).isEmpty();
        try (RawHttp visitor = visit()) {
            visitor.send(
                    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nsixsix\r\n6\r\nsixsix\r\n0\r\n\r\n");
            assertRefused(visitor.readResponse(), TunnelError.BODY_TOO_LARGE);
        }
        try (RawHttp visitor = visit()) {
            visitor.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n0123456789");
            assertThat(visitor.readResponse().status()).isEqualTo(200);
        }
    }

    @Test
    void whatIsUnderWay() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        CountDownLatch asked = new CountDownLatch(1);
        try (RawOrigin slow = RawOrigin.start(connection -> {
            connection.readHead();
            asked.countDown();
            over.await();
            connection.send(RawOrigin.ok("late"));
        })) {
            start(relay -> {}, protection -> {});
            Tunnel narrow = agent.expose(TunnelSpec.builder(slow.port())
                    .protection(protection -> protection.concurrentRequests(1))
                    .build());
            try (RawHttp first = RawHttp.connect(narrow.publicUrl().getPort());
                    RawHttp second = RawHttp.connect(narrow.publicUrl().getPort())) {
                String get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
                first.send(get);
                asked.await();
                assertRefused(second.send(get).readResponse(), TunnelError.OVERLOADED);
                over.countDown();
                assertThat(first.readResponse().text()).isEqualTo("late");
                await().until(() -> {
                    try (RawHttp third = RawHttp.connect(narrow.publicUrl().getPort())) {
                        return third.send(get).readResponse().status() == 200;
                    }
                });
            }
        }
    }

    @Test
    void connectionsFromOneAddress() throws Exception {
        start(relay -> relay.limits(l -> l.connectionsPerAddress(40)), protection -> {});
        List<RawHttp> idle = new ArrayList<>();
        try {
            await().until(() -> {
                idle.add(visit());
                return metrics.reached(Limit.CONNECTIONS_PER_ADDRESS) > 0;
            });
            assertThat(idle.size()).isBetween(20, 60);
        } finally {
            for (RawHttp visitor : idle) {
                visitor.close();
            }
        }
        await().ignoreExceptions().until(() -> ask("").status() == 200);
    }

    @Test
    void guessingTokensIsSlow() throws Exception {
        relay = TunnelRelay.builder()
                .metrics(metrics)
                .limits(l -> l.failedHandshakes(Rate.perMinute(2)))
                .authenticator(token -> token.equals("right") ? Optional.of(new AgentIdentity("a")) : Optional.empty())
                .start();
        List<Integer> statuses = new ArrayList<>();
        for (String token : List.of("wrong", "also wrong", "wrong again", "right")) {
            try (RawHttp guesser = RawHttp.connect(relay.port())) {
                guesser.send(
                        "GET /_tunnel/control HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                                + "Authorization: Bearer " + token + "\r\n\r\n");
                RawHttp.Response response = guesser.readResponse();
                statuses.add(response.status());
            }
        }
        assertThat(statuses).containsExactly(401, 401, 429, 429);
        assertThat(metrics.reached(Limit.FAILED_HANDSHAKES)).isEqualTo(2);
    }
}
