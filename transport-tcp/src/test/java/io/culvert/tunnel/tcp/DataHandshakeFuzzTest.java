package io.culvert.tunnel.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.RelayTransport;
import io.culvert.tunnel.testkit.StreamProbe;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * Anything at all on the port where data connections come in, while one is waited for. Whoever does not show both the id and the
 * session's secret gets nothing; whoever does gets a stream of exactly the bytes behind the head.
 */
class DataHandshakeFuzzTest {
    private static final String ID = "00112233445566778899aabbccddeeff";
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([1-5][0-9][0-9])");
    private static final int SWITCHED = 101;
    private static final int MOST_BYTES = 32 * 1024;

    /** For a machine that has other things to do; shorter than the listener's idle time-out, which would hide that it left a connection open. */
    private static final int PATIENCE_MILLIS = 25_000;

    private static RelayServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new RelayServer();
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @FuzzTest
    void anythingOnTheDataPath(byte[] input) throws Exception {
        byte[] bytes = Arrays.copyOf(input, Math.min(input.length, MOST_BYTES));
        SessionContext context = new SessionContext(server.uri(), server, null);
        context.nextId = ID;
        RelayTransport relay = new DedicatedTcpTransportProvider().relayHalf(context);
        relay.onRegistered();
        CompletableFuture<DataStream> opening = relay.open(StreamKind.HTTP, "demo");
        try (Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), server.port())) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            send(socket, bytes);
            if (lastStatus(socket) == SWITCHED) {
                DataStream stream = StreamProbe.await(opening);
                assertEntitled(bytes, new StreamProbe(stream).readToEnd());
                stream.close();
                assertThat(rest(socket)).isEmpty();
            } else {
                assertThat(opening).isNotDone();
            }
            socket.setSoLinger(true, 0);
        } catch (SocketTimeoutException x) {
            throw new AssertionError("The visitor ended, and was left without an end: " + server.state(), x);
        } finally {
            relay.close();
        }
        assertThat(context.protocolErrors).isEmpty();
    }

    private static void send(Socket socket, byte[] bytes) throws IOException {
        try {
            socket.getOutputStream().write(bytes);
            socket.shutdownOutput();
        } catch (SocketException x) {
            return; // it was refused before it was complete
        }
    }

    private static void assertEntitled(byte[] sent, byte[] behindTheHead) {
        String text = latin1(sent);
        String behind = latin1(behindTheHead);
        assertThat(text).endsWith(behind);
        String head = text.substring(0, text.length() - behind.length());
        assertThat(head).endsWith("\r\n\r\n").contains(ID, SessionContext.SECRET);
        assertThat(head.toLowerCase(Locale.ROOT))
                .containsPattern("(?m)^upgrade:.*culvert")
                .containsPattern("(?m)^authorization:");
    }

    /** Reads heads up to the end or the 101; other answers have no content here. */
    private static int lastStatus(Socket socket) throws IOException {
        int status = 0;
        StringBuilder head = new StringBuilder();
        InputStream in = socket.getInputStream();
        try {
            for (int next = in.read(); next >= 0; next = in.read()) {
                head.append((char) next);
                if (head.indexOf("\r\n\r\n") >= 0) {
                    Matcher line =
                            STATUS.matcher(head); // what is before it is content, of which there may be less for HEAD
                    while (line.find()) {
                        status = Integer.parseInt(line.group(1));
                    }
                    assertThat(status).as("'%s'", head).isNotEqualTo(500);
                    if (status == SWITCHED) {
                        return status;
                    }
                    head.setLength(0);
                }
            }
        } catch (SocketException x) {
            return status; // cut, with bytes unread
        }
        return status;
    }

    private static byte[] rest(Socket socket) throws IOException {
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        socket.getInputStream().transferTo(rest);
        return rest.toByteArray();
    }

    private static String latin1(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
