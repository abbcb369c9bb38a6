package io.culvert.tunnel.e2e.junit;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.capture.CapturedExchange;
import io.culvert.tunnel.testkit.fault.Fault;
import io.culvert.tunnel.testkit.junit.TunnelExtension;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The extension with a builder: two applications, faults and recorded traffic, over whatever transport is preferred. */
class BuilderExtensionTest {
    private static HttpServer shop;
    private static HttpServer office;

    @RegisterExtension
    static final TunnelExtension tunnel = TunnelExtension.builder()
            .relay(relay -> relay.pingInterval(Duration.ofSeconds(1)))
            .agent(agent -> agent.localConnectTimeout(Duration.ofSeconds(2)))
            .expose("shop", () -> shop)
            .expose("office", () -> office.getAddress())
            .build();

    @BeforeAll
    static void start() {
        shop = Applications.answering("shop ");
        office = Applications.answering("office ");
    }

    @AfterAll
    static void stop() {
        shop.stop(0);
        office.stop(0);
    }

    @Test
    void bothApplications() throws Exception {
        assertThat(Applications.get(tunnel.uri("shop")).body()).isEqualTo("shop /");
        assertThat(Applications.get(tunnel.uri("office")).body()).isEqualTo("office /");
        assertThat(tunnel.tunnel("shop").transport()).isEqualTo("tcp");
        assertThat(tunnel.relay().tunnels()).containsOnlyKeys("shop", "office");
        assertThat(tunnel.agent()).isNotNull();
    }

    @Test
    void aFaultOnOneRequest() throws Exception {
        Tunnel shop = tunnel.tunnel("shop");
        Fault refusal = tunnel.faults().onNextRequest().refuse();
        assertThat(Applications.get(shop.publicUrl()).statusCode()).isEqualTo(502);
        refusal.awaitHits(1, Duration.ofSeconds(10));
        assertThat(Applications.get(shop.publicUrl()).body()).isEqualTo("shop /");
    }

    @Test
    void recordedTrafficIsSentAgain() throws Exception {
        assertThat(Applications.get(tunnel.uri("office").resolve("/form")).statusCode())
                .isEqualTo(200);
        CapturedExchange form = tunnel.recorder().awaitRequest("GET", "/form");
        CapturedExchange again = tunnel.recorder().replay(form);
        assertThat(tunnel.recorder().awaitEnd(again).responseBody().text()).isEqualTo("office /form");
        assertThat(tunnel.recorder().exchanges()).hasSize(2);
    }
}
