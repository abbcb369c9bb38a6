package io.culvert.tunnel.jetty.internal.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.jetty.RelayRoute;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;

class RelayRoutesTest {
    private static RelayRoute route(String relay, Map<String, String> environment) {
        return RelayRoutes.to(URI.create(relay), TunnelAgent.builder().options(), environment::get);
    }

    @Test
    void leadsStraightToTheRelay() {
        assertThat(route("wss://relay.test", Map.of()))
                .isEqualTo(new RelayRoute("relay.test", 443, true, Optional.empty()));
        assertThat(route("ws://[::1]:81", Map.of()).authority()).isEqualTo("[::1]:81");
    }

    @Test
    void leadsThroughTheProxyOfTheEnvironmentWhosePasswordIsNotPrinted() {
        RelayRoute route = route("wss://relay.test", Map.of("HTTPS_PROXY", "http://user:secret@proxy.test:3128"));
        assertThat(route.proxy().orElseThrow())
                .isEqualTo(new RelayRoute.Proxy("proxy.test", 3128, Optional.of("Basic dXNlcjpzZWNyZXQ=")))
                .hasToString("proxy.test:3128");
        assertThat(route.toString()).doesNotContain("dXNlcjpzZWNyZXQ=");
    }

    @Test
    void tellsWhatIsWrongWithTls() {
        assertThat(RelayRoute.tlsProblem(new SSLException("Unrecognized SSL message, plaintext connection?")))
                .contains("it does not speak TLS");
        assertThat(RelayRoute.tlsProblem(new IllegalStateException())).isEmpty();
    }
}
