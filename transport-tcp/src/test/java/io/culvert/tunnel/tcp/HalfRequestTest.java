package io.culvert.tunnel.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.spi.RelayTransport;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests on the data path of which a part never comes: the connection does not stay until a time-out, which is longer than these readers'. */
class HalfRequestTest {
    private static final String ID = "00112233445566778899aabbccddeeff";

    private RelayServer server;
    private RelayTransport relay;

    @BeforeEach
    void start() throws Exception {
        server = new RelayServer();
        SessionContext context = new SessionContext(server.uri(), server, null);
        context.nextId = ID;
        relay = new DedicatedTcpTransportProvider().relayHalf(context);
        relay.onRegistered();
        relay.open(StreamKind.HTTP, "demo");
    }

    @AfterEach
    void stop() throws Exception {
        relay.close();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\r\n\r\n",
                "GET /_ws_pro",
                "GET /_ws_proxy/" + ID + " HTTP/1.1\r\nHost: a",
                "GET /_ws_proxy/1 HTTP/1.1\r\nHost: a\r\n\r\nGET /_ws_proxy/2",
                "GET /_ws_proxy/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf",
                "POST /_ws_proxy/1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf",
                "GET /_ws_proxy/1 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n"
            })
    void whoEndsInTheMiddleIsClosed(String sent) throws Exception {
        try (Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), server.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(sent.getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput();
            assertThat(socket.getInputStream().readAllBytes()).asString().doesNotContain(" 101 ", " 500 ");
        }
    }

    @Test
    void aBodyThatIsAnnouncedIsNotWaitedFor() throws Exception {
        String request =
                Dialled.request(ID, SessionContext.SECRET).replace("\r\n\r\n", "\r\nContent-Length: 9\r\n\r\n");
        try (Dialled dialled = Dialled.send(server.port(), request)) {
            assertThat(dialled.head).startsWith("HTTP/1.1 400 ").contains("\r\nConnection: close\r\n");
            dialled.expectEnd();
        }
    }
}
