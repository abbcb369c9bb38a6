package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.tunnel.Authenticator;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who gets which name, and what visitors meet where there is no tunnel. */
class NamesTest {
    @TempDir
    Path directory;

    private RawOrigin origin;
    private TunnelRelay relay;

    @BeforeEach
    void start() throws Exception {
        origin = RawOrigin.answering(head -> RawOrigin.ok(head.lines()
                .filter(line -> line.startsWith("Host:"))
                .findFirst()
                .orElse("no Host")));
        Path tokens =
                Files.writeString(directory.resolve("tokens"), "plain\nother\nscoped shop shop-* app.example.org\n");
        relay = TunnelRelay.builder()
                .domain("example.test")
                .authenticator(Authenticator.tokens(tokens))
                .drainTimeout(Duration.ZERO)
                .start();
    }

    @AfterEach
    void stop() throws Exception {
        relay.close();
        origin.close();
    }

    private TunnelAgent agent(String token) {
        return TunnelAgent.builder()
                .relay(relay.uri())
                .token(token)
                .drainTimeout(Duration.ZERO)
                .build();
    }

    private TunnelSpec.Builder spec() {
        return TunnelSpec.builder(origin.port());
    }

    private RawHttp.Response get(String host) throws Exception {
        try (RawHttp visitor = RawHttp.connect(relay.port())) {
            visitor.send("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
            return visitor.readResponse();
        }
    }

    private static void assertRefused(TunnelError error, TunnelAgent agent, TunnelSpec spec) {
        assertThatThrownBy(() -> agent.expose(spec))
                .isInstanceOfSatisfying(
                        TunnelException.class, x -> assertThat(x.error()).isEqualTo(error));
    }

    @Test
    void aTokenGetsWhatItMayClaimAndNothingElse() throws Exception {
        try (TunnelAgent scoped = agent("scoped")) {
            assertThat(scoped.expose(spec().name("Shop-7").build()).name()).isEqualTo("shop-7");
            assertRefused(
                    TunnelError.NAME_FORBIDDEN, scoped, spec().name("bank").build());
            assertRefused(
                    TunnelError.NAME_FORBIDDEN,
                    scoped,
                    spec().name("shop-8").host("evil.test").build());
            Tunnel unnamed = scoped.expose(spec().build());
            assertThat(unnamed.name()).isEqualTo("shop");
            Tunnel custom =
                    scoped.expose(spec().name("shop-9").host("app.example.org").build());
            assertThat(custom.publicUrl()).isEqualTo(URI.create("http://app.example.org:" + relay.port()));
            assertThat(get("APP.example.org.").text()).isEqualTo("Host: APP.example.org.");
        }
    }

    @Test
    void aBoundNameIsNobodyElses() throws Exception {
        try (TunnelAgent plain = agent("plain")) {
            assertRefused(TunnelError.NAME_FORBIDDEN, plain, spec().name("shop").build());
            assertRefused(
                    TunnelError.NAME_FORBIDDEN,
                    plain,
                    spec().host("app.example.org").build());
            assertThat(plain.expose(spec().name("shop-7").build()).name()).isEqualTo("shop-7");
        }
        RawHttp.Response away = get("shop.example.test");
        assertThat(away.status()).isEqualTo(503);
        assertThat(away.field("Tunnel-Error")).isEqualTo("agent-away");
        RawHttp.Response unknown = get("nothing.example.test");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.field("Tunnel-Error")).isEqualTo("unknown-tunnel");
        assertThat(unknown.text()).doesNotContain("nothing");
    }

    @Test
    void aHeldNameIsRefusedAndItsHolderUndisturbed() throws Exception {
        try (TunnelAgent holder = agent("plain");
                TunnelAgent thief = agent("other")) {
            holder.expose(spec().name("demo").build());
            for (String name : new String[] {"demo", "DEMO", "Demo"}) {
                assertRefused(TunnelError.NAME_TAKEN, thief, spec().name(name).build());
            }
            assertThat(get("demo.example.test").status()).isEqualTo(200);
        }
    }

    @Test
    void theServiceSeesTheHostThatItsTunnelNames() throws Exception {
        try (TunnelAgent agent = agent("plain")) {
            agent.expose(spec().name("kept").build());
            agent.expose(spec().name("rewritten").hostHeader("localhost:3000").build());
            assertThat(get("kept.example.test").text()).isEqualTo("Host: kept.example.test");
            assertThat(get("rewritten.example.test").text()).isEqualTo("Host: localhost:3000");
        }
    }
}
