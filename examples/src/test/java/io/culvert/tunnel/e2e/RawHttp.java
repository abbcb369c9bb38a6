package io.culvert.tunnel.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A socket whose HTTP/1.1 is written and read byte by byte. One thread reads, one writes. */
final class RawHttp implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 30_000;

    private final Socket socket;
    private final InputStream in;
    private boolean lineEndDue;

    RawHttp(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
    }

    static RawHttp connect(int port) throws IOException {
        return connect(port, 0);
    }

    /** Connects with a receive buffer of that size, so that a reader that stops is soon felt. */
    static RawHttp connect(int port, int receiveBuffer) throws IOException {
        Socket socket = new Socket();
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.connect(new InetSocketAddress("127.0.0.1", port), TIMEOUT_MILLIS);
        return new RawHttp(socket);
    }

    /** An answer as it came: the head's first line and its fields in order and spelling, and the body without its framing. */
    record Response(String statusLine, List<String> fields, byte[] body) {
        int status() {
            return Integer.parseInt(statusLine.split(" ")[1]);
        }

        String text() {
            return new String(body, ISO_8859_1);
        }

        String field(String name) {
            List<String> values = values(name);
            assertThat(values).as("values of %s in %s", name, fields).hasSize(1);
            return values.get(0);
        }

        List<String> values(String name) {
            return RawHttp.values(fields, name);
        }
    }

    /** The values of all fields of that name, in order. */
    static List<String> values(List<String> fields, String name) {
        String prefix = name.toLowerCase(Locale.ROOT) + ":";
        return fields.stream()
                .filter(f -> f.toLowerCase(Locale.ROOT).startsWith(prefix))
                .map(f -> f.substring(prefix.length()).trim())
                .toList();
    }

    /** The lines of a head after its first. */
    static List<String> fields(String head) {
        String[] lines = head.split("\r\n");
        return Arrays.asList(lines).subList(1, lines.length);
    }

    RawHttp send(String latin1) throws IOException {
        return send(latin1.getBytes(ISO_8859_1));
    }

    RawHttp send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    void sendAll(InputStream source) {
        try {
            source.transferTo(socket.getOutputStream());
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
    }

    /** The bytes up to and including the next empty line. */
    String readHead() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            int b = in.read();
            if (b < 0) {
                throw new EOFException("The connection ended in the head: '" + head + "'");
            }
            head.append((char) b);
        }
        return head.toString();
    }

    Response readResponse() throws IOException {
        return readResponse("GET");
    }

    /** The next answer, to a request with that method. */
    Response readResponse(String method) throws IOException {
        String head = readHead();
        Response response = new Response(head.substring(0, head.indexOf("\r\n")), fields(head), new byte[0]);
        int status = response.status();
        if (method.equals("HEAD") || status == 204 || status == 304 || status < 200) {
            return response;
        }
        byte[] body;
        if (!response.values("Transfer-Encoding").isEmpty()) {
            body = readChunked();
        } else if (!response.values("Content-Length").isEmpty()) {
            body = readExactly(Integer.parseInt(response.field("Content-Length")));
        } else {
            body = readToEnd();
        }
        return new Response(response.statusLine(), response.fields(), body);
    }

    /** A body in the chunked coding, to its end. Trailers are passed over. */
    byte[] readChunked() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (byte[] chunk = readChunk(); chunk.length > 0; chunk = readChunk()) {
            body.writeBytes(chunk);
        }
        return body.toByteArray();
    }

    /** The next chunk, as soon as its content is there; empty after the last. Senders may delay the line end behind a chunk. */
    byte[] readChunk() throws IOException {
        if (lineEndDue) {
            assertThat(readLine()).isEmpty();
        }
        int size = Integer.parseInt(readLine().split(";")[0].trim(), 16);
        lineEndDue = size > 0;
        if (size == 0) {
            while (!readLine().isEmpty()) {
                continue; // a trailer
            }
        }
        return readExactly(size);
    }

    private String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("The connection ended in the line: '" + line + "'");
            }
            line.append((char) b);
        }
        return line.toString().replace("\r", "");
    }

    byte[] readExactly(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("The connection ended after " + bytes.length + " of " + count + " bytes.");
        }
        return bytes;
    }

    String readText(int count) throws IOException {
        return new String(readExactly(count), ISO_8859_1);
    }

    byte[] readToEnd() throws IOException {
        return in.readAllBytes();
    }

    /** Whatever is there, at least one byte; -1 at the end. */
    int read(byte[] target) throws IOException {
        return in.read(target);
    }

    /** As {@link #read(byte[])}, at most so many. */
    int read(byte[] target, int count) throws IOException {
        return in.read(target, 0, count);
    }

    void assertEnd() throws IOException {
        assertThat(in.read()).as("what follows").isEqualTo(-1);
    }

    /** Reads until the connection breaks, and fails if it ends instead. */
    void assertReset() throws IOException {
        List<Integer> before = new ArrayList<>();
        try {
            for (int b = in.read(); b >= 0; b = in.read()) {
                before.add(b);
            }
        } catch (SocketException x) {
            assertThat(x).hasMessageContaining("reset");
            return;
        }
        throw new AssertionError("The connection ended orderly, after " + before.size() + " bytes.");
    }

    /** Reads until the connection is over, in whichever way. */
    void assertOver() throws IOException {
        try {
            readToEnd();
        } catch (SocketException x) {
            assertThat(x).hasMessageContaining("reset");
        }
    }

    /** Half-close. */
    void end() throws IOException {
        socket.shutdownOutput();
    }

    /** Aborts with RST. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    Socket socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
