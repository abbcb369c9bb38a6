package io.culvert.tunnel.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.Limit;
import io.culvert.tunnel.Rate;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelProtection;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelState;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.URI;
import java.time.Duration;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A tunnel's protection in the middle of a body, while the agent is away, when it is back, and when another agent takes over. */
@ParameterizedClass
@EnumSource(
        value = TransportCase.class,
        names = {"CONTROL", "TCP"})
class ProtectionLifeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final TransportCase transport;
    private final CountingMetrics metrics = new CountingMetrics();
    private TunnelRelay relay;

    ProtectionLifeTest(TransportCase transport) {
        this.transport = transport;
    }

    private void start(Consumer<TunnelRelay.Builder> options) {
        TunnelRelay.Builder builder = TunnelRelay.builder()
                .domain("example.test")
                .metrics(metrics)
                .graceTime(PATIENCE)
                .drainTimeout(Duration.ZERO);
        transport.on(builder);
        options.accept(builder);
        relay = builder.start();
    }

    @AfterEach
    void stop() {
        relay.close();
    }

    private TunnelAgent agent(URI address) {
        TunnelAgent.Builder builder = TunnelAgent.builder().relay(address).drainTimeout(Duration.ZERO);
        transport.on(builder);
        return builder.build();
    }

    private static Tunnel expose(TunnelAgent agent, RawOrigin origin, Consumer<TunnelProtection.Builder> protection) {
        return agent.expose(TunnelSpec.builder(origin.port())
                .name("demo")
                .protection(protection)
                .build());
    }

    private RawHttp.Response ask(String login) throws IOException {
        String authorization = login.isEmpty()
                ? ""
                : "Authorization: Basic " + Base64.getEncoder().encodeToString(login.getBytes(UTF_8)) + "\r\n";
        try (RawHttp visitor = RawHttp.connect(relay.port())) {
            return visitor.send("GET / HTTP/1.1\r\nHost: demo.example.test\r\n" + authorization + "\r\n")
                    .readResponse();
        }
    }

    private static void assertRefused(RawHttp.Response response, TunnelError error) {
        assertThat(response.status()).isEqualTo(error.status());
        assertThat(response.field("Tunnel-Error")).isEqualTo(error.code());
    }

    @Test
    void aBodyThatTurnsOutTooLargeIsCutForTheService() throws Exception {
        CompletableFuture<byte[]> begun = new CompletableFuture<>();
        CompletableFuture<Exception> cut = new CompletableFuture<>();
        try (RawOrigin origin = RawOrigin.start(connection -> {
            connection.readHead();
            begun.complete(connection.readChunk());
            try {
                connection.readChunked();
                cut.complete(null);
            } catch (EOFException | SocketException x) {
                cut.complete(x);
            }
        })) {
            start(r -> {});
            try (TunnelAgent agent = agent(relay.uri());
                    Tunnel tunnel = expose(agent, origin, p -> p.bodyBytes(10));
                    RawHttp visitor = RawHttp.connect(relay.port())) {
                assertThat(tunnel.state()).isEqualTo(TunnelState.OPEN);
                visitor.send(
                        "POST / HTTP/1.1\r\nHost: demo.example.test\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nsixsix\r\n");
                assertThat(begun.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).hasSize(6);
                visitor.send("6\r\nsixsix\r\n0\r\n\r\n");
                assertRefused(visitor.readResponse(), TunnelError.BODY_TOO_LARGE);
                assertThat(cut.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .isInstanceOf(SocketException.class)
                        .hasMessageContaining("reset");
                assertThat(metrics.reached(Limit.BODY_BYTES)).isEqualTo(1);
            }
        }
    }

    @Test
    void itHoldsWhileTheAgentIsAwayAndCountsGoOnWhenItIsBack() throws Exception {
        start(r -> {});
        try (RawOrigin origin = RawOrigin.answering(head -> RawOrigin.ok("in"));
                Forwarder between = Forwarder.to(relay.port());
                TunnelAgent agent = agent(between.relay());
                Tunnel tunnel = expose(agent, origin, p -> p.login("me", "sesame")
                        .requestsPerVisitor(new Rate(3, Duration.ofHours(1))))) {
            assertThat(ask("me:sesame").text()).isEqualTo("in");
            between.cutAll();
            await().atMost(PATIENCE).until(() -> tunnel.state() == TunnelState.CONNECTING);
            assertRefused(ask(""), TunnelError.AUTHENTICATION_REQUIRED); // at once, it does not wait for the agent
            assertRefused(ask("me:wrong"), TunnelError.AUTHENTICATION_REQUIRED);
            between.restore();
            assertThat(ask("me:sesame").text()).isEqualTo("in"); // waits for it
            assertRefused(ask(""), TunnelError.AUTHENTICATION_REQUIRED);
            assertThat(ask("me:sesame").text()).isEqualTo("in");
            assertRefused(ask("me:sesame"), TunnelError.RATE_LIMITED);
        }
    }

    /** The newer agent's protection holds from the first request that it may get, and in between nobody comes in without any. */
    @Test
    void anAgentThatTakesOverBringsItsOwn() throws Exception {
        start(r -> {});
        Set<String> answers = new ConcurrentSkipListSet<>();
        AtomicBoolean over = new AtomicBoolean();
        try (RawOrigin first = RawOrigin.answering(head -> RawOrigin.ok("first"));
                RawOrigin second = RawOrigin.answering(head -> RawOrigin.ok("second"));
                TunnelAgent old = agent(relay.uri());
                TunnelAgent young = agent(relay.uri())) {
            Tunnel before = expose(old, first, p -> p.login("me", "old"));
            assertThat(ask("me:old").text()).isEqualTo("first");
            CompletableFuture<Void> stranger = CompletableFuture.runAsync(() -> {
                while (!over.get()) {
                    try {
                        RawHttp.Response answer = ask("");
                        answers.add(answer.status() + " " + answer.field("Tunnel-Error"));
                    } catch (IOException x) {
                        throw new java.io.UncheckedIOException(x);
                    }
                }
            });
            Tunnel after = expose(young, second, p -> p.login("me", "young"));
            assertThat(ask("me:young").text()).isEqualTo("second");
            assertRefused(ask("me:old"), TunnelError.AUTHENTICATION_REQUIRED);
            over.set(true);
            stranger.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(answers).containsExactly("401 authentication-required");
            assertThat(after.publicUrl()).isEqualTo(before.publicUrl());
        }
    }
}
