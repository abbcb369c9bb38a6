package io.culvert.tunnel.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.jetty.EndPointStream;
import io.culvert.tunnel.jetty.internal.agent.JettyAgentNetwork;
import io.culvert.tunnel.spi.StreamException;
import io.culvert.tunnel.testkit.StreamProbe;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpFields;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Anything at all as the answer to an agent's data connection: a stream of exactly the bytes behind the right 101, or a failure. */
class AgentHandshakeFuzzTest {
    private static JettyAgentNetwork network;
    private static ServerSocket relay;
    private static URI address;

    @BeforeAll
    static void start() throws Exception {
        network = new JettyAgentNetwork();
        relay = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        relay.setSoTimeout(10_000);
        address = URI.create("ws://127.0.0.1:" + relay.getLocalPort());
    }

    @AfterAll
    static void stop() throws Exception {
        network.close();
        relay.close();
    }

    @FuzzTest
    void anythingAsTheAnswer(byte[] answer) throws Exception {
        CompletableFuture<EndPointStream> dial =
                network.upgrade(address, "/_ws_proxy/1", "culvert", HttpFields.EMPTY, "1");
        try (Socket socket = relay.accept()) {
            readHead(socket.getInputStream());
            send(socket, answer);
            try {
                EndPointStream stream = dial.get(10, TimeUnit.SECONDS);
                assertSwitched(answer, new StreamProbe(stream).readToEnd());
                stream.close();
            } catch (ExecutionException x) {
                assertThat(x.getCause()).isInstanceOfSatisfying(StreamException.class, failure -> {
                    assertThat(failure.error()).isEqualTo(TunnelError.RELAY_UNREACHABLE);
                    assertThat(failure).hasMessageContaining("/_ws_proxy/1");
                });
            }
            socket.setSoLinger(true, 0);
        }
    }

    private static void assertSwitched(byte[] sent, byte[] behindTheHead) {
        String text = new String(sent, StandardCharsets.ISO_8859_1);
        String behind = new String(behindTheHead, StandardCharsets.ISO_8859_1);
        assertThat(text).endsWith(behind);
        String head = text.substring(0, text.length() - behind.length());
        assertThat(head).contains(" 101").endsWith("\n");
        assertThat(head.toLowerCase(Locale.ROOT)).contains("upgrade", "culvert");
    }

    private static void readHead(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.read());
        }
        assertThat(head).startsWith("GET /_ws_proxy/1 HTTP/1.1\r\n");
    }

    private static void send(Socket socket, byte[] bytes) throws IOException {
        try {
            socket.getOutputStream().write(bytes);
            socket.shutdownOutput();
        } catch (SocketException x) {
            return; // the agent gave up before it was complete
        }
    }
}
