package io.culvert.tunnel.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** A data connection by hand. */
final class Dialled implements AutoCloseable {
    final Socket socket;
    final String head;

    private Dialled(Socket socket, String head) {
        this.socket = socket;
        this.head = head;
    }

    /** Sends text and reads the head of the answer. */
    static Dialled send(int port, String request) throws IOException {
        Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), port);
        socket.setSoTimeout(20_000);
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = socket.getInputStream().read();
            if (next < 0) {
                throw new IOException("closed after '" + head + "'");
            }
            head.append((char) next);
        }
        return new Dialled(socket, head.toString());
    }

    static String request(String id, String secret) {
        return "GET /_ws_proxy/" + id + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: culvert\r\n"
                + "Authorization: Bearer " + secret + "\r\n\r\n";
    }

    static Dialled dial(int port, String id) throws IOException {
        Dialled dialled = send(port, request(id, SessionContext.SECRET));
        assertThat(dialled.head.split("\r\n"))
                .containsExactlyInAnyOrder(
                        "HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: culvert");
        return dialled;
    }

    int status() {
        return Integer.parseInt(head.substring(9, 12));
    }

    void write(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    String read(int count) throws IOException {
        return new String(socket.getInputStream().readNBytes(count), StandardCharsets.ISO_8859_1);
    }

    void expectReset() {
        assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketException.class);
    }

    void expectEnd() throws IOException {
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }

    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
