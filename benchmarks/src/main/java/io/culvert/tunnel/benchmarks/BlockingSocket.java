package io.culvert.tunnel.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** One end of a TCP connection with a read buffer: the least that can speak heads and raw bytes. For one thread. */
final class BlockingSocket implements AutoCloseable {
    private static final int MAX_HEAD = 16 * 1024;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final byte[] buffer = new byte[64 * 1024];
    private int from;
    private int to;

    BlockingSocket(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        in = socket.getInputStream();
        out = socket.getOutputStream();
    }

    static BlockingSocket connect(InetSocketAddress address, int readTimeoutMillis) throws IOException {
        Socket socket = new Socket();
        socket.connect(address, readTimeoutMillis);
        socket.setSoTimeout(readTimeoutMillis);
        return new BlockingSocket(socket);
    }

    void write(byte[] bytes) throws IOException {
        out.write(bytes);
    }

    void write(byte[] bytes, int length) throws IOException {
        out.write(bytes, 0, length);
    }

    void writeLong(long value) throws IOException {
        out.write(ByteBuffer.allocate(Long.BYTES).putLong(value).array());
    }

    /** Sends {@code total} bytes in writes of a whole pattern, the last perhaps shorter. */
    void writeRepeated(byte[] pattern, long total) throws IOException {
        long left = total;
        while (left > 0) {
            int length = (int) Math.min(pattern.length, left);
            out.write(pattern, 0, length);
            left -= length;
        }
    }

    /** What is there, waiting for at least one byte; -1 at the end. */
    int readSome(byte[] target) throws IOException {
        if (from == to) {
            return in.read(target);
        }
        int length = Math.min(target.length, to - from);
        System.arraycopy(buffer, from, target, 0, length);
        from += length;
        return length;
    }

    /** Reads {@code count} bytes and forgets them. */
    void skip(long count) throws IOException {
        long left = count;
        while (left > 0) {
            if (from == to && !fill()) {
                throw new EOFException("The peer ended with " + left + " of " + count + " bytes to come.");
            }
            int length = (int) Math.min(left, to - from);
            from += length;
            left -= length;
        }
    }

    long readLong() throws IOException {
        long value = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            value = value << 8 | readByte();
        }
        return value;
    }

    /** Reads a head up to its empty line, which is left out; null if the peer ended before its first byte. */
    String readHead() throws IOException {
        if (from == to && !fill()) {
            return null;
        }
        byte[] head = new byte[1024];
        int length = 0;
        int matched = 0;
        while (matched < 4) {
            int b = readByte();
            if (length == head.length) {
                if (length == MAX_HEAD) {
                    throw new IOException("A head of more than " + MAX_HEAD + " bytes came in.");
                }
                head = Arrays.copyOf(head, length * 2);
            }
            head[length++] = (byte) b;
            boolean expected = b == (matched % 2 == 0 ? '\r' : '\n');
            matched = expected ? matched + 1 : b == '\r' ? 1 : 0;
        }
        return new String(head, 0, length - 4, StandardCharsets.ISO_8859_1);
    }

    /** At the end of the peer's bytes, with none left in the buffer. */
    boolean atEnd() throws IOException {
        return from == to && !fill();
    }

    private int readByte() throws IOException {
        if (from == to && !fill()) {
            throw new EOFException("The peer ended in the middle.");
        }
        return buffer[from++] & 0xff;
    }

    private boolean fill() throws IOException {
        int count = in.read(buffer);
        from = 0;
        to = Math.max(0, count);
        return count > 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
