package io.culvert.tunnel.core;

import static io.culvert.tunnel.core.RelayFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.net.PublicTunnel;
import io.culvert.tunnel.message.TunnelMessage.Expose;
import io.culvert.tunnel.message.TunnelMessage.Exposed;
import io.culvert.tunnel.message.TunnelMessage.Grant;
import io.culvert.tunnel.message.TunnelMessage.Registered;
import io.culvert.tunnel.message.TunnelMessage.Wish;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RelayClaimTest {
    @Test
    void withoutADomainEachTunnelHasAPort() throws Exception {
        try (RelayFixture fixture = new RelayFixture()) {
            RawPeer agent = fixture.agent();
            Grant grant = agent.register("a", "demo").tunnels().get(0);
            int port = URI.create(grant.url()).getPort();
            assertThat(grant.url()).isEqualTo("http://127.0.0.1:" + port);
            assertThat(fixture.edge().open).containsExactly(port);
            assertThat(fixture.edge().face.tunnelByPort(port)).isPresent();
            assertThat(fixture.relay.uri()).isEqualTo(URI.create("ws://127.0.0.1:" + fixture.relay.port()));

            assertThat(ask(agent, "other", null, port).code()).isEqualTo("name-taken");
            assertThat(ask(agent, "other", null, 70_000).code()).isEqualTo("bad-configuration");
            assertThat(ask(agent, "other", null, 4711).url()).isEqualTo("http://127.0.0.1:4711");
            agent.send(new io.culvert.tunnel.message.TunnelMessage.Withdraw("other", null));
            await(() -> !fixture.edge().open.contains(4711));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "http://example.test, http://demo.example.test",
        "https://example.test, https://demo.example.test",
        "https://example.test:443, https://demo.example.test",
        "https://example.test:8443, https://demo.example.test:8443"
    })
    void thePublicUrlGivesSchemeAndPort(String publicUrl, String expected) throws Exception {
        try (RelayFixture fixture =
                new RelayFixture(options -> options.domain("example.test").publicUrl(URI.create(publicUrl)))) {
            assertThat(fixture.agent().register("a", "demo").tunnels().get(0).url())
                    .isEqualTo(expected);
        }
    }

    @Test
    void aWildcardBindTakesTheHostOfThePublicUrl() throws Exception {
        try (RelayFixture fixture =
                new RelayFixture(options -> options.bind("0.0.0.0").publicUrl(URI.create("http://relay.test:9000")))) {
            assertThat(fixture.agent().register("a", "demo").tunnels().get(0).url())
                    .startsWith("http://relay.test:2");
            assertThat(fixture.relay.uri().getHost()).isEqualTo("127.0.0.1");
        }
    }

    @Test
    void aTunnelCanHaveAHostOfItsOwn() throws Exception {
        try (RelayFixture fixture =
                new RelayFixture(options -> options.domain("example.test").port(8080))) {
            RawPeer agent = fixture.agent();
            agent.register("a");
            assertThat(ask(agent, "app", "App.Example.ORG", null).url()).isEqualTo("http://app.example.org:8080");
            assertThat(fixture.edge().face.tunnelByHost("app.example.org")).isPresent();
            assertThat(fixture.edge().face.isOwnHost("app.example.org")).isFalse();
            assertThat(ask(agent, "app2", "app.example.org", null).code()).isEqualTo("name-taken");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "example.test",
                "x.example.test",
                "localhost",
                "x.localhost",
                "127.0.0.1",
                "[::1]",
                "::1",
                "0x7f.1",
                "2130706433",
                "bad host",
                "a..b",
                ""
            })
    void theRelaysOwnHostsCannotBeClaimed(String host) throws Exception {
        try (RelayFixture fixture = new RelayFixture(options -> options.domain("example.test"))) {
            RawPeer agent = fixture.agent();
            agent.register("a");
            assertThat(ask(agent, "app", host, null).code()).isEqualTo("name-forbidden");
        }
    }

    @Test
    void namesHaveTheirForm() throws Exception {
        try (RelayFixture fixture = new RelayFixture(options -> options.domain("example.test"))) {
            RawPeer agent = fixture.agent();
            agent.register("a");
            assertThat(ask(agent, "a.b", null, null).code()).isEqualTo("name-invalid");
            assertThat(ask(agent, "x".repeat(64), null, null).code()).isEqualTo("name-invalid");
            assertThat(ask(agent, "Up-1", null, null).name()).isEqualTo("up-1");
        }
    }

    @Test
    void theRelayKnowsItsOwnHosts() {
        try (RelayFixture fixture = new RelayFixture(options -> options.domain("example.test"))) {
            assertThat(fixture.edge().face.isOwnHost("example.test")).isTrue();
            assertThat(fixture.edge().face.isOwnHost("127.0.0.1")).isTrue();
            assertThat(fixture.edge().face.isOwnHost("localhost")).isTrue();
            assertThat(fixture.edge().face.isOwnHost("demo.example.test")).isFalse();
            assertThat(fixture.edge().face.isOwnHost("elsewhere.test")).isFalse();
        }
        try (RelayFixture fixture = new RelayFixture()) {
            assertThat(fixture.edge().face.isOwnHost("relay.internal")).isTrue();
        }
    }

    @Test
    void tunnelsOfOneAgentAreLimited() throws Exception {
        try (RelayFixture fixture = new RelayFixture(options -> options.limits(l -> l.tunnelsPerAgent(2)))) {
            Registered registered = fixture.agent().register("a", "one", "two", "three");
            assertThat(registered.tunnels().get(1).code()).isNull();
            assertThat(registered.tunnels().get(2).code()).isEqualTo("overloaded");
        }
    }

    @Test
    void streamsOfOneTunnelAreLimited() throws Exception {
        try (RelayFixture fixture =
                new RelayFixture(options -> options.domain("example.test").limits(l -> l.streamsPerTunnel(2)))) {
            fixture.agent().register("a", "demo");
            PublicTunnel tunnel = fixture.tunnel("demo");
            var one = tunnel.open(StreamKind.HTTP);
            tunnel.open(StreamKind.HTTP);
            assertThat(RelaySessionTest.error(tunnel.open(StreamKind.HTTP))).isEqualTo(TunnelError.OVERLOADED);
            assertThat(one).isNotDone();
            assertThat(fixture.metrics.failed).containsExactly(TunnelError.OVERLOADED);
        }
    }

    private static Grant ask(RawPeer agent, String name, String host, Integer port) throws InterruptedException {
        return agent.send(new Expose(new Wish("r", name, host, port, null)))
                .next(Exposed.class)
                .tunnel();
    }
}
