package io.culvert.tunnel.benchmarks.growth;

import io.culvert.tunnel.benchmarks.Heads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** One of a {@link Crowd}: connects, upgrades if its work wants that, waits for the start, and works until it is closed. */
abstract class LoadVisitor extends Connection {
    final Crowd crowd;
    private final SocketChannel channel;

    private boolean served;

    LoadVisitor(Crowd crowd, SocketChannel channel) throws IOException {
        super(crowd.loop, channel);
        this.crowd = crowd;
        this.channel = channel;
    }

    /** Begins to connect. */
    final void open() throws IOException {
        register(SelectionKey.OP_CONNECT);
        channel.connect(crowd.address);
    }

    /** Everybody is there. */
    abstract void start() throws IOException;

    /** A message or an answer came, or was sent where none is expected. */
    final void served() {
        if (!served) {
            served = true;
            crowd.firstServed();
        }
    }

    @Override
    final void broke(IOException cause) {
        crowd.broke(cause);
    }

    /** A visitor on a WebSocket. */
    abstract static class Upgraded extends LoadVisitor {
        private final ByteBuffer upgrade;
        private boolean upgraded;

        Upgraded(Crowd crowd, SocketChannel channel, String target, String host) throws IOException {
            super(crowd, channel);
            upgrade = ByteBuffer.wrap(Heads.upgrade(target, host));
        }

        @Override
        void connected() {
            try {
                send(upgrade);
            } catch (IOException x) {
                fail(x);
            }
        }

        @Override
        final void received(ByteBuffer bytes) throws IOException {
            if (!upgraded) {
                String head = head(bytes);
                if (head == null) {
                    return;
                }
                if (!head.startsWith("HTTP/1.1 101 ")) {
                    throw new IOException("The upgrade was not granted: " + head);
                }
                upgraded = true;
                crowd.opened();
            }
            messages(bytes);
        }

        abstract void messages(ByteBuffer bytes) throws IOException;
    }

    /** Sends a message, waits until it is back, and again. */
    static final class Echoing extends Upgraded implements Frames.Reader {
        private final Frames frames = new Frames(false);
        private final ByteBuffer message;
        private final int size;
        private long sentAt;
        private long came;

        Echoing(Crowd crowd, SocketChannel channel, String host, int size, ByteBuffer message) throws IOException {
            super(crowd, channel, "/echo", host);
            this.size = size;
            this.message = message;
        }

        @Override
        void start() throws IOException {
            sentAt = System.nanoTime();
            send(message.duplicate());
        }

        @Override
        void messages(ByteBuffer bytes) throws IOException {
            frames.read(bytes, this);
        }

        @Override
        public void begins(long length) throws IOException {
            came = length;
            if (length != size) {
                throw new IOException("Sent " + size + " bytes, " + length + " come back.");
            }
        }

        @Override
        public void part(ByteBuffer payload) {
            payload.position(payload.limit());
        }

        @Override
        public void ends() throws IOException {
            served();
            crowd.done(came, System.nanoTime() - sentAt);
            start();
        }
    }

    /** Takes messages as fast as they come. */
    static final class Taking extends Upgraded implements Frames.Reader {
        private final Frames frames = new Frames(false);

        Taking(Crowd crowd, SocketChannel channel, String host, int size) throws IOException {
            super(crowd, channel, "/source/" + size, host);
        }

        @Override
        void start() {}

        @Override
        void messages(ByteBuffer bytes) throws IOException {
            frames.read(bytes, this);
        }

        @Override
        public void begins(long length) {}

        @Override
        public void part(ByteBuffer payload) {
            crowd.passed(payload.remaining());
            payload.position(payload.limit());
        }

        @Override
        public void ends() {
            served();
        }
    }

    /** Sends messages as fast as they are taken; the origin counts them. */
    static final class Sending extends Upgraded {
        private static final int BURST = 64;
        private final ByteBuffer message;
        private boolean started;

        Sending(Crowd crowd, SocketChannel channel, String host, ByteBuffer message) throws IOException {
            super(crowd, channel, "/sink", host);
            this.message = message;
        }

        @Override
        void start() {
            started = true;
            wantsToSend();
        }

        @Override
        void sendMore() throws IOException {
            for (int i = 0; started && i < BURST && isSent(); i++) {
                send(message.duplicate());
                served();
            }
        }

        @Override
        void messages(ByteBuffer bytes) throws IOException {
            if (bytes.hasRemaining()) {
                throw new IOException("The sink answered.");
            }
        }
    }

    /** Sends a GET on its kept connection, waits for the answer, and again. */
    static final class Asking extends LoadVisitor {
        private final ByteBuffer request;
        private final int size;
        private long sentAt;
        private int left;

        Asking(Crowd crowd, SocketChannel channel, String host, int size) throws IOException {
            super(crowd, channel);
            request = buffer(Heads.get("/bytes/" + size, host));
            this.size = size;
        }

        @Override
        void connected() {
            crowd.opened();
        }

        @Override
        void start() throws IOException {
            sentAt = System.nanoTime();
            left = -1;
            send(request.duplicate());
        }

        @Override
        void received(ByteBuffer bytes) throws IOException {
            if (left < 0) {
                String head = head(bytes);
                if (head == null) {
                    return;
                }
                String length = Heads.field(head, "Content-Length");
                if (!head.startsWith("HTTP/1.1 200 ") || !Integer.toString(size).equals(length)) {
                    throw new IOException("Not the answer that was asked for: " + head);
                }
                left = size;
            }
            if (bytes.remaining() > left) {
                throw new IOException("An answer of " + size + " bytes has " + (bytes.remaining() - left) + " more.");
            }
            left -= bytes.remaining();
            bytes.position(bytes.limit());
            if (left == 0) {
                served();
                crowd.done(size, System.nanoTime() - sentAt);
                start();
            }
        }
    }
}
