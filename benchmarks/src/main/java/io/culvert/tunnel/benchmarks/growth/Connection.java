package io.culvert.tunnel.benchmarks.growth;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/** A TCP connection on a {@link Loop}: a head first, then what its class makes of the bytes. Everything on the loop's thread. */
abstract class Connection {
    private static final int MAX_HEAD = 16 * 1024;

    final Loop loop;
    private final SocketChannel channel;
    private final Deque<ByteBuffer> unsent = new ArrayDeque<>();
    private final StringBuilder head = new StringBuilder();
    private SelectionKey key;
    private boolean reading = true;
    private boolean writing;

    Connection(Loop loop, SocketChannel channel) throws IOException {
        this.loop = loop;
        this.channel = channel;
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    final void register(int interests) {
        key = loop.register(channel, interests, this);
    }

    /** The connection that was being made is there. */
    void connected() {}

    /** Some bytes, all of which are taken. */
    abstract void received(ByteBuffer bytes) throws IOException;

    /** The socket takes bytes, and everything handed to {@link #send} is sent. */
    void sendMore() throws IOException {}

    /** It is over before it was closed; the connection is closed afterwards. */
    abstract void broke(IOException cause);

    final void ready() throws IOException {
        if (key.isConnectable() && channel.finishConnect()) {
            key.interestOps(SelectionKey.OP_READ);
            connected();
        }
        if (key.isValid() && key.isWritable()) {
            flush();
            if (unsent.isEmpty()) {
                sendMore();
            }
        }
        if (key.isValid() && key.isReadable()) {
            ByteBuffer input = loop.input.clear();
            int count = channel.read(input);
            if (count < 0) {
                throw new IOException("The peer ended the connection.");
            }
            received(input.flip());
        }
    }

    /** Sends bytes; what the socket does not take at once is sent later from the same buffer. */
    final void send(ByteBuffer bytes) throws IOException {
        if (unsent.isEmpty()) {
            channel.write(bytes);
        }
        if (bytes.hasRemaining()) {
            unsent.add(bytes);
            interests();
        }
    }

    /** As {@link #send}, from a buffer that the caller uses again. */
    final void sendCopied(ByteBuffer bytes) throws IOException {
        if (unsent.isEmpty()) {
            channel.write(bytes);
        }
        if (bytes.hasRemaining()) {
            send(ByteBuffer.allocate(bytes.remaining()).put(bytes).flip());
        }
    }

    final boolean isSent() {
        return unsent.isEmpty();
    }

    /** From now on {@link #sendMore} is called whenever the socket takes bytes. */
    final void wantsToSend() {
        writing = true;
        interests();
    }

    /** Whether to read; off while the peer does not take what it is answered. */
    final void reading(boolean on) {
        reading = on;
        interests();
    }

    private void flush() throws IOException {
        while (!unsent.isEmpty()) {
            channel.write(unsent.peek());
            if (unsent.peek().hasRemaining()) {
                return;
            }
            unsent.remove();
        }
        interests();
    }

    private void interests() {
        if (key.isValid()) {
            key.interestOps(
                    (reading ? SelectionKey.OP_READ : 0) | (writing || !unsent.isEmpty() ? SelectionKey.OP_WRITE : 0));
        }
    }

    /** The head with its empty line once it is whole, else null; takes its bytes. */
    final String head(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            head.append((char) (bytes.get() & 0xff));
            int length = head.length();
            if (length >= 4 && head.charAt(length - 1) == '\n' && head.charAt(length - 3) == '\n') {
                String whole = head.toString();
                head.setLength(0);
                return whole;
            }
            if (length > MAX_HEAD) {
                throw new IOException("A head of more than " + MAX_HEAD + " bytes came in.");
            }
        }
        return null;
    }

    static ByteBuffer buffer(byte[] bytes) {
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip().asReadOnlyBuffer();
    }

    static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    final void fail(IOException cause) {
        broke(cause);
        close();
    }

    final void close() {
        try {
            channel.close();
        } catch (IOException x) {
            throw new IllegalStateException("A socket cannot be closed.", x);
        }
    }
}
