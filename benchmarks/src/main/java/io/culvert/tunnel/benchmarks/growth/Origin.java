package io.culvert.tunnel.benchmarks.growth;

import io.culvert.tunnel.benchmarks.Heads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The local service: {@code GET /bytes/N} answers N bytes; WebSockets on {@code /echo} get every message back, on {@code /source/N} messages of
 * N bytes as fast as they take them, on {@code /sink} none, but theirs are counted.
 */
final class Origin implements AutoCloseable {
    /** Messages sent in a row before other connections have their turn. */
    private static final int BURST = 64;

    /** Bytes of messages that came in at {@code /sink}. */
    final AtomicLong sunk = new AtomicLong();

    private final Loop loop = new Loop("origin");
    private final int port = loop.listen(this::accepted);
    private final Map<Integer, ByteBuffer> answers = new HashMap<>();
    private final Map<Integer, ByteBuffer> messages = new HashMap<>();

    Origin() throws IOException {}

    int port() {
        return port;
    }

    private Connection accepted(SocketChannel channel) {
        try {
            return new Served(channel);
        } catch (IOException x) {
            throw new IllegalStateException("The local service cannot serve a connection.", x);
        }
    }

    private ByteBuffer answer(int length) {
        return answers.computeIfAbsent(length, n -> {
            byte[] body = new byte[n];
            new Random(n).nextBytes(body);
            byte[] head = Heads.ok(n);
            return ByteBuffer.allocateDirect(head.length + n)
                    .put(head)
                    .put(body)
                    .flip()
                    .asReadOnlyBuffer();
        });
    }

    private final class Served extends Connection implements Frames.Reader {
        private final Frames frames = new Frames(true);
        private String target = "";
        private boolean upgraded;
        private ByteBuffer message;

        Served(SocketChannel channel) throws IOException {
            super(Origin.this.loop, channel);
        }

        @Override
        void received(ByteBuffer bytes) throws IOException {
            while (!upgraded && bytes.hasRemaining()) {
                String head = head(bytes);
                if (head != null) {
                    answer(head);
                }
            }
            if (bytes.hasRemaining()) {
                loop.output.clear();
                frames.read(bytes, this);
                sendOutput();
            }
        }

        private void answer(String head) throws IOException {
            target = Heads.path(head);
            String key = Heads.field(head, "Sec-WebSocket-Key");
            if (key == null) {
                send(Origin.this.answer(tail()).duplicate());
                return;
            }
            upgraded = true;
            send(ByteBuffer.wrap(Heads.switching(key)));
            if (target.startsWith("/source/")) {
                message = messages.computeIfAbsent(tail(), length -> Frames.message(length, false));
                wantsToSend();
            }
        }

        private int tail() {
            return Integer.parseInt(target.substring(target.lastIndexOf('/') + 1));
        }

        @Override
        void sendMore() throws IOException {
            if (message == null) {
                reading(true);
                return;
            }
            for (int i = 0; i < BURST && isSent(); i++) {
                send(message.duplicate());
            }
        }

        @Override
        public void begins(long length) throws IOException {
            if (target.equals("/echo")) {
                if (loop.output.remaining() < 14) {
                    sendOutput();
                }
                Frames.putHead(loop.output, length, false);
            }
        }

        @Override
        public void part(ByteBuffer payload) throws IOException {
            if (!target.equals("/echo")) {
                sunk.addAndGet(payload.remaining());
                payload.position(payload.limit());
                return;
            }
            if (payload.remaining() > loop.output.remaining()) {
                sendOutput();
            }
            loop.output.put(payload);
        }

        @Override
        public void ends() {}

        private void sendOutput() throws IOException {
            sendCopied(loop.output.flip());
            loop.output.clear();
            reading(isSent());
        }

        @Override
        void broke(IOException cause) {
            // The visitor left, as each does at the end of its point; it is the one who reports what came too early.
        }
    }

    @Override
    public void close() throws IOException {
        loop.close();
    }
}
