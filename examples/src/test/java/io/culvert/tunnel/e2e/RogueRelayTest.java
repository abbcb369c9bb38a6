package io.culvert.tunnel.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelSpec;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A relay that would like to reach more than it was shown. */
class RogueRelayTest {
    private static final String ID = "%032x";

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }

    @Test
    void anAgentConnectsToNothingButWhatItExposes() throws Exception {
        BlockingQueue<String> heads = new LinkedBlockingQueue<>();
        try (RawOrigin decoy = RawOrigin.answering(head -> RawOrigin.ok("reached"));
                RawOrigin exposed = RawOrigin.answering(head -> {
                    heads.add(head);
                    return "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:" + decoy.port()
                            + "/\r\nContent-Length: 0\r\n\r\n";
                });
                ServerSocket listener = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
                TunnelAgent agent = TunnelAgent.builder()
                        .relay(URI.create("ws://127.0.0.1:" + listener.getLocalPort()))
                        .token("token")
                        .transports("control")
                        .drainTimeout(Duration.ZERO)
                        .build()) {
            listener.setSoTimeout(30_000);
            CompletableFuture<Void> exposing = CompletableFuture.runAsync(
                    () -> agent.expose(
                            TunnelSpec.builder(exposed.port()).name("demo").build()),
                    task -> new Thread(task, "exposing").start());
            try (RawControl rogue = RawControl.accept(new RawHttp(listener.accept()))) {
                register(rogue);
                exposing.get(30, TimeUnit.SECONDS);
                String target = "127.0.0.1:" + decoy.port();
                String[] wishes = {
                    target,
                    "localhost:" + decoy.port(),
                    "demo:" + decoy.port(),
                    "demo@" + target,
                    "demo/../" + target,
                    "DEMO",
                    ""
                };
                for (int i = 0; i < wishes.length; i++) {
                    String id = ID.formatted(i + 1);
                    rogue.send(RawControl.message("httprequest")
                            .put("request_id", id)
                            .put("tunnel", wishes[i])
                            .put("payload", base64("GET / HTTP/1.1\r\nHost: " + target + "\r\n\r\n")));
                    JsonNode refusal = rogue.next("httpcancel");
                    assertThat(refusal.path("request_id").asText()).isEqualTo(id);
                    assertThat(refusal.path("code").asText()).as(wishes[i]).isEqualTo("unknown-tunnel");
                }
                String bytes = "GET http://" + target + "/ HTTP/1.1\r\nHost: " + target + "\r\n\r\n";
                rogue.send(RawControl.message("httprequest")
                        .put("request_id", ID.formatted(99))
                        .put("tunnel", "demo")
                        .put("payload", base64(bytes)));
                String answer =
                        new String(rogue.next("httpresponse").path("payload").binaryValue(), UTF_8);
                assertThat(answer).startsWith("HTTP/1.1 302 Found\r\n"); // passed on, not followed
                assertThat(heads.poll(30, TimeUnit.SECONDS)).isEqualTo(bytes);
            }
            assertThat(decoy.accepted()).isZero();
            assertThat(exposed.accepted()).isEqualTo(1);
        }
    }

    /** Lets the agent have its wish. */
    private static void register(RawControl rogue) throws Exception {
        JsonNode wish = rogue.next("register").at("/tunnels/0");
        var registered = RawControl.message("registered")
                .put("session", "rogue")
                .put("data_secret", "secret")
                .put("transport", "control");
        registered
                .putArray("tunnels")
                .addObject()
                .put("ref", wish.path("ref").asText())
                .put("name", "demo")
                .put("url", "http://demo.example.test");
        registered.putObject("parameters");
        registered
                .putObject("limits")
                .put("credit", 65_536)
                .put("ping_millis", 60_000)
                .put("grace_millis", 1_000);
        rogue.send(registered);
    }
}
