package io.culvert.tunnel.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.examples.feed.PriceFeed;
import io.culvert.tunnel.testkit.fault.FaultRelay;
import java.net.URI;
import java.time.Duration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Reproduces a reconnect bug: a client that comes back after a close frame but not after a connection that breaks. The test for it is red with
 * the bug and green without:
 *
 * <pre>mvn test -pl examples -am -Dtest=PriceFeedTest -Dsurefire.failIfNoSpecifiedTests=false</pre>
 */
class PriceFeedTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** With the bug: its author knew of {@code onClose} only. */
    private static final class ForgetfulPriceFeed extends PriceFeed {
        ForgetfulPriceFeed(URI url) {
            super(url);
        }

        @Override
        protected void failed(Throwable cause) {
            System.err.println("The price feed failed: " + cause);
        }
    }

    /** Tells who connects the price, and asks for nothing. Jetty wants it public. */
    public static final class PriceService extends Session.Listener.AbstractAutoDemanding {
        private final String price;

        PriceService(String price) {
            this.price = price;
        }

        @Override
        public void onWebSocketOpen(Session session) {
            super.onWebSocketOpen(session);
            session.sendText(price, Callback.NOOP);
        }
    }

    private final Server service = new Server();
    private final ServerConnector connector = new ServerConnector(service);
    private volatile String price = "100";
    private FaultRelay relay;
    private TunnelAgent agent;
    private URI url;

    @BeforeEach
    void start() throws Exception {
        connector.setHost("127.0.0.1");
        service.addConnector(connector);
        service.setHandler(WebSocketUpgradeHandler.from(
                service,
                container ->
                        container.addMapping("/prices", (request, response, callback) -> new PriceService(price))));
        service.start();
        relay = FaultRelay.start(TunnelRelay.builder());
        TunnelAgent.Builder options = TunnelAgent.builder().drainTimeout(Duration.ZERO);
        relay.attachTo(options);
        agent = options.build();
        Tunnel tunnel = agent.expose(TunnelSpec.port(connector.getLocalPort()));
        url = URI.create("ws" + tunnel.publicUrl().toString().substring("http".length()) + "/prices");
    }

    @AfterEach
    void stop() throws Exception {
        agent.close();
        relay.close();
        service.stop();
    }

    /** The test that an application would have. */
    private void comesBackAfter(Runnable fault, PriceFeed feed, Duration patience) throws Exception {
        try (feed) {
            price = "100";
            feed.connect();
            assertThat(feed.next(PATIENCE)).isEqualTo("100");
            price = "101";
            fault.run();
            assertThat(feed.next(patience)).as("the price after the fault").isEqualTo("101");
        }
    }

    private void connectionsBreak() {
        assertThat(relay.streams().onStreams(StreamKind.UPGRADE).reset().hits()).isEqualTo(1);
    }

    @Test
    void theFeedComesBackAfterABrokenConnection() throws Exception {
        comesBackAfter(this::connectionsBreak, new PriceFeed(url), PATIENCE);
    }

    @Test
    void theFeedComesBackAfterARestartOfTheRelay() throws Exception {
        comesBackAfter(() -> relay.restart(), new PriceFeed(url), PATIENCE);
    }

    @Test
    void theFeedComesBackWhenItsFirstAttemptsFail() throws Exception {
        comesBackAfter(
                () -> {
                    relay.streams().onStreams(StreamKind.UPGRADE).times(2).refuse();
                    connectionsBreak();
                },
                new PriceFeed(url),
                PATIENCE);
    }

    @Test
    void theBugIsReproduced() {
        assertThatThrownBy(() ->
                        comesBackAfter(this::connectionsBreak, new ForgetfulPriceFeed(url), Duration.ofMillis(500)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("the price after the fault");
    }
}
