package io.culvert.tunnel.core;

import static io.culvert.tunnel.core.RelayFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.Limit;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.net.Admission;
import io.culvert.tunnel.core.net.PublicTunnel;
import io.culvert.tunnel.message.TunnelMessage.Allowance;
import io.culvert.tunnel.message.TunnelMessage.Expose;
import io.culvert.tunnel.message.TunnelMessage.Exposed;
import io.culvert.tunnel.message.TunnelMessage.Grant;
import io.culvert.tunnel.message.TunnelMessage.Protection;
import io.culvert.tunnel.message.TunnelMessage.Registered;
import io.culvert.tunnel.message.TunnelMessage.Wish;
import java.net.URI;
import java.util.List;
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
            assertThat(fixture.metrics.reached).containsExactly(Limit.TUNNELS_PER_AGENT);
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
            assertThat(fixture.metrics.reached).containsExactly(Limit.STREAMS_PER_TUNNEL);
        }
    }

    @Test
    void visitorsThatWaitForOneAgentAreLimited() throws Exception {
        try (RelayFixture fixture =
                new RelayFixture(options -> options.domain("example.test").limits(l -> l.waitingPerTunnel(1)))) {
            RawPeer agent = fixture.agent();
            agent.register("a", "demo");
            PublicTunnel tunnel = fixture.tunnel("demo");
            agent.carrier().abort();
            RelayFixture.await(() -> tunnel.open(StreamKind.HTTP).isDone()); // until the loss is known and one waits
            assertThat(fixture.metrics.failed).endsWith(TunnelError.OVERLOADED);
            assertThat(fixture.metrics.reached).containsExactly(Limit.WAITING_PER_TUNNEL);
        }
    }

    @Test
    void theRelaySaysThatItProtectsWhatShallBeProtected() throws Exception {
        try (RelayFixture fixture = new RelayFixture(options -> options.domain("example.test"))) {
            RawPeer agent = fixture.agent();
            agent.register("a");
            assertThat(ask(agent, "open", null, null).isProtected()).isFalse();
            Grant shut = ask(agent, "shut", protection(List.of("10.0.0.0/8")));
            assertThat(shut.isProtected()).isTrue();
            assertThat(fixture.tunnel("open").admit(new FakeVisitor())).isEqualTo(Admission.FREE);
            assertThat(fixture.tunnel("shut").admit(new FakeVisitor()))
                    .isEqualTo(Admission.refused(TunnelError.ADDRESS_REFUSED));
        }
    }

    @Test
    void aProtectionThatCannotBeIsRefusedAndNothingIsExposed() throws Exception {
        try (RelayFixture fixture = new RelayFixture(options -> options.domain("example.test"))) {
            RawPeer agent = fixture.agent();
            agent.register("a");
            assertThat(ask(agent, "shut", protection(List.of("10.0.0.0/80"))).code())
                    .isEqualTo("bad-configuration");
            assertThat(fixture.relay.tunnels()).isEmpty();
        }
    }

    @Test
    void aProtectionChangesWithTheWishAndIsKeptWithIt() throws Exception {
        try (RelayFixture fixture = new RelayFixture(options -> options.domain("example.test"))) {
            RawPeer agent = fixture.agent();
            agent.register("a");
            Protection once =
                    new Protection(List.of(), List.of(), List.of(), new Allowance(1, 60_000), null, null, null);
            ask(agent, "shut", once);
            assertThat(fixture.tunnel("shut").admit(new FakeVisitor())).isInstanceOf(Admission.Admitted.class);
            ask(agent, "shut", once);
            RawPeer successor = fixture.agent();
            successor.register("b");
            ask(successor, "shut", once);
            assertThat(fixture.tunnel("shut").admit(new FakeVisitor())).isInstanceOf(Admission.Refused.class);
            ask(successor, "shut", null);
            assertThat(fixture.tunnel("shut").admit(new FakeVisitor())).isEqualTo(Admission.FREE);
        }
    }

    private static Protection protection(List<String> allow) {
        return new Protection(List.of(), allow, List.of(), null, null, null, null);
    }

    private static Grant ask(RawPeer agent, String name, Protection protection) throws InterruptedException {
        return agent.send(new Expose(new Wish("r", name, null, null, null, protection)))
                .next(Exposed.class)
                .tunnel();
    }

    private static Grant ask(RawPeer agent, String name, String host, Integer port) throws InterruptedException {
        return agent.send(new Expose(new Wish("r", name, host, port, null, null)))
                .next(Exposed.class)
                .tunnel();
    }
}
