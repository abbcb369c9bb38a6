package io.culvert.tunnel.jetty.internal.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyChoiceTest {
    private static Optional<String> chosen(Map<String, String> environment, String relay) {
        return new ProxyChoice(Optional.empty(), environment::get)
                .to(Authority.of(URI.create(relay)))
                .map(ProxyServer::toString);
    }

    @Test
    void theSchemeDecidesOnTheVariable() {
        Map<String, String> environment = Map.of("HTTP_PROXY", "http://plain.test:1", "https_proxy", "secure.test:2");
        assertThat(chosen(environment, "ws://relay.test")).contains("plain.test:1");
        assertThat(chosen(environment, "https://relay.test")).contains("secure.test:2");
        assertThat(chosen(Map.of(), "wss://relay.test")).isEmpty();
        assertThat(chosen(Map.of("HTTPS_PROXY", " "), "wss://relay.test")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "relay.test, wss://relay.test, true",
        "RELAY.test, wss://relay.TEST, true",
        "test, wss://relay.test, true",
        ".test, wss://relay.test, true",
        "*.test, wss://relay.test, true",
        "lay.test, wss://relay.test, false",
        "other.test, wss://relay.test, false",
        "relay.test:443, wss://relay.test, true",
        "relay.test:444, wss://relay.test, false",
        "*, wss://relay.test, true",
        "'other.test, relay.test', wss://relay.test, true",
        "192.0.2.0/24, wss://192.0.2.9, true",
        "192.0.2.0/24, wss://192.0.3.9, false",
        "192.0.2.0/24, wss://relay.test, false",
        "192.0.2.0/99, wss://192.0.2.0, false",
        "192.0.2.9, wss://192.0.2.9, true",
        "2001:db8::/32, 'wss://[2001:db8::7]', true",
        "2001:db8::7, 'wss://[2001:db8::7]', true",
        "'', wss://relay.test, false",
    })
    void noProxyNamesExceptions(String exceptions, String relay, boolean direct) {
        Map<String, String> environment = Map.of("HTTPS_PROXY", "http://proxy.test:3128", "NO_PROXY", exceptions);
        assertThat(chosen(environment, relay).isEmpty()).isEqualTo(direct);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ws://localhost:1", "ws://app.localhost:1", "ws://127.0.0.5:1", "ws://[::1]:1"})
    void loopbackIsReachedDirectly(String relay) {
        assertThat(chosen(Map.of("HTTP_PROXY", "http://proxy.test:3128"), relay))
                .isEmpty();
    }

    @Test
    void theApplicationsOwnProxyIsAlwaysUsed() {
        ProxyChoice choice =
                new ProxyChoice(Optional.of(URI.create("http://user:p%40ss@proxy.test")), Map.of("NO_PROXY", "*")::get);
        ProxyServer server =
                choice.to(Authority.of(URI.create("ws://localhost:1"))).orElseThrow();
        assertThat(server).hasToString("proxy.test:80");
        assertThat(server.authorization().orElseThrow().getValue()).isEqualTo("Basic dXNlcjpwQHNz"); // user:p@ss
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"socks5://user:secret@proxy.test:1", "https://proxy.test:1", "http://secret proxy", "http://"})
    void whatIsNoHttpProxyIsRefusedWithoutSayingIt(String value) {
        assertThatThrownBy(() -> chosen(Map.of("HTTPS_PROXY", value), "wss://relay.test"))
                .isInstanceOfSatisfying(
                        TunnelException.class, x -> assertThat(x.error()).isEqualTo(TunnelError.BAD_CONFIGURATION))
                .hasMessageContaining("HTTPS_PROXY")
                .hasMessageNotContaining("secret");
    }
}
