package io.culvert.tunnel.e2e.junit;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.testkit.fault.FaultProxy;
import io.culvert.tunnel.testkit.fault.FaultRelay;
import io.culvert.tunnel.testkit.fault.StreamFaults;
import io.culvert.tunnel.testkit.junit.Exposed;
import io.culvert.tunnel.testkit.junit.InjectTunnel;
import io.culvert.tunnel.testkit.junit.TunnelTest;
import java.net.URI;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** A relay that a test may restart, shared by tests that leave it broken. */
@TunnelTest(badNetwork = true, seed = 7)
@TestMethodOrder(OrderAnnotation.class)
class BadNetworkTest {
    @Exposed
    private static HttpServer application;

    @InjectTunnel
    private static URI url;

    @BeforeAll
    static void start() {
        application = Applications.hello();
    }

    @AfterAll
    static void stop() {
        application.stop(0);
    }

    @Test
    @Order(1)
    void allFaultsAreOfOneRelay(FaultRelay relay, TunnelRelay same, StreamFaults streams, FaultProxy network) {
        assertThat(same).isSameAs(relay);
        assertThat(streams).isSameAs(relay.streams());
        assertThat(network).isSameAs(relay.network());
        assertThat(relay.seed()).isEqualTo(7);
    }

    @Test
    @Order(2)
    void theUrlOutlivesTheRelay(FaultRelay relay, Tunnel tunnel) throws Exception {
        relay.restart();
        assertThat(tunnel.publicUrl()).isEqualTo(url);
        assertThat(Applications.get(url).body()).isEqualTo("hello /");
        relay.stop();
    }

    @Test
    @Order(3)
    void theRelayRunsAgainInTheNextTest(FaultRelay relay) throws Exception {
        assertThat(Applications.get(url).body()).isEqualTo("hello /");
        relay.network().onConnections().stall();
    }

    @Test
    @Order(4)
    void theNetworkIsMendedInTheNextTest() throws Exception {
        assertThat(Applications.get(url).body()).isEqualTo("hello /");
    }
}
