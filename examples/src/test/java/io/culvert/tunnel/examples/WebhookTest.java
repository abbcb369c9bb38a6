package io.culvert.tunnel.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.capture.CapturedExchange;
import io.culvert.tunnel.capture.Replay;
import io.culvert.tunnel.examples.webhook.WebhookReceiver;
import io.culvert.tunnel.examples.webhook.WebhookSender;
import io.culvert.tunnel.testkit.fault.FaultRelay;
import io.culvert.tunnel.testkit.junit.Exposed;
import io.culvert.tunnel.testkit.junit.InjectTunnel;
import io.culvert.tunnel.testkit.junit.TunnelTest;
import io.culvert.tunnel.testkit.recording.Recorder;
import io.culvert.tunnel.testkit.recording.RequestMatcher;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Tests a webhook's receiver through a tunnel, from signature to retry:
 *
 * <pre>mvn test -pl examples -am -Dtest=WebhookTest -Dsurefire.failIfNoSpecifiedTests=false</pre>
 */
@TunnelTest(badNetwork = true)
class WebhookTest {
    private static final String SECRET = "shared with the sender";

    private final WebhookSender sender = new WebhookSender(SECRET, 3, Duration.ofMillis(10));
    private final WebhookReceiver receiver = new WebhookReceiver(SECRET);

    @Exposed
    private final int port = receiver.port();

    @InjectTunnel
    private URI url;

    @InjectTunnel
    private Recorder recorder;

    @InjectTunnel
    private FaultRelay relay;

    @AfterEach
    void stop() {
        receiver.close();
    }

    private int deliver(String body) throws Exception {
        return sender.deliver(URI.create(url + "/hook"), body);
    }

    private int status(CapturedExchange exchange) {
        return recorder.awaitResponse(exchange).status();
    }

    @Test
    void aDeliveryIsProcessed() throws Exception {
        assertThat(deliver("{\"paid\":1}")).isEqualTo(204);
        assertThat(receiver.processed()).containsExactly("{\"paid\":1}");
        CapturedExchange delivery = recorder.awaitRequest("POST", "/hook");
        assertThat(delivery.request().field("X-Signature"))
                .hasValueSatisfying(signature -> assertThat(signature).startsWith("sha256="));
        assertThat(delivery.requestBody().text()).isEqualTo("{\"paid\":1}");
    }

    @Test
    void aForgedDeliveryIsNot() throws Exception {
        deliver("{\"paid\":1}");
        CapturedExchange real = recorder.awaitRequest("POST", "/hook");
        Replay same = Replay.of(real);
        for (Replay forged : List.of(
                same.body("{\"paid\":1000}"),
                same.field("X-Delivery", "another"),
                same.field("X-Signature", "sha256=00"),
                same.withoutField("X-Signature"))) {
            assertThat(status(recorder.replay(real, forged))).isEqualTo(401);
        }
        assertThat(status(recorder.replay(real))).isEqualTo(204); // the same again is no harm
        assertThat(receiver.processed()).containsExactly("{\"paid\":1}");
    }

    @Test
    void aDeliveryThatDoesNotArriveIsRepeated() throws Exception {
        relay.streams().onRequests(head -> true).times(2).reset();
        assertThat(deliver("{\"paid\":2}")).isEqualTo(204);
        assertThat(receiver.processed()).containsExactly("{\"paid\":2}");
    }

    /** The receiver has processed it when the answer is lost: what comes again must not be processed again. */
    @Test
    void aDeliveryWhoseAnswerIsLostIsRepeatedAndProcessedOnce() throws Exception {
        relay.streams().onNextRequest().only(Direction.DOWN).stall();
        Thread network = new Thread(() -> {
            recorder.awaitResponse(recorder.awaitRequest("POST", "/hook"));
            relay.streams().onStreams().reset();
        });
        network.start();
        assertThat(deliver("{\"paid\":3}")).isEqualTo(204);
        network.join();
        List<CapturedExchange> attempts = recorder.awaitRequests(2, RequestMatcher.request("POST", "/hook"));
        assertThat(attempts.get(1).request().field("X-Delivery"))
                .isEqualTo(attempts.get(0).request().field("X-Delivery"));
        assertThat(receiver.processed()).containsExactly("{\"paid\":3}");
    }

    @Test
    void aRelayThatIsAwayForAMomentLosesNothing() throws Exception {
        assertThat(deliver("{\"paid\":4}")).isEqualTo(204);
        relay.restart();
        assertThat(deliver("{\"paid\":5}")).isEqualTo(204);
        assertThat(receiver.processed()).containsExactly("{\"paid\":4}", "{\"paid\":5}");
    }
}
