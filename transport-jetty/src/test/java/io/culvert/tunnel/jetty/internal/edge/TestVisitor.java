package io.culvert.tunnel.jetty.internal.edge;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A visitor on a raw socket. */
final class TestVisitor implements AutoCloseable {
    /** An answer, read whole. */
    record Answer(String head, String body, String trailers) {
        int status() {
            return Wire.status(head);
        }

        String field(String name) {
            return Wire.field(head, name);
        }
    }

    final Socket socket;
    final InputStream in;
    final OutputStream out;

    TestVisitor(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(20_000);
        in = new BufferedInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    TestVisitor send(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
        return this;
    }

    String readHead() throws IOException {
        return Wire.readHead(in);
    }

    /** Reads an answer to a request that was not HEAD. */
    Answer read() throws IOException {
        String head = readHead();
        if (head == null) {
            throw new IOException("the relay closed the connection");
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        String trailers = Wire.readBody(head, in, body);
        return new Answer(head, body.toString(StandardCharsets.ISO_8859_1), trailers);
    }

    String read(int count) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Wire.copy(in, bytes, count);
        return bytes.toString(StandardCharsets.ISO_8859_1);
    }

    /** Everything up to the end; throws after a reset. */
    String readToEnd() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    Answer ask(String request) throws IOException {
        return send(request).read();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
