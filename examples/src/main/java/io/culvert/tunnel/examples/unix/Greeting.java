package io.culvert.tunnel.examples.unix;

import io.culvert.tunnel.spi.TransportContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** The first bytes of a connection, from agent to relay: the stream's id, then the session's data secret. */
final class Greeting implements SocketLoop.Handler {
    private static final int ID_LENGTH = 32;

    private final SocketChannel channel;
    private final byte[] secret;
    private final ByteBuffer received;
    private final Accepted accepted;
    private final SocketLoop.Registration registration;
    private final Future<?> timeout;

    private Greeting(SocketChannel channel, SocketLoop loop, TransportContext context, Accepted accepted)
            throws IOException {
        this.channel = channel;
        this.secret = context.dataSecret().getBytes(StandardCharsets.UTF_8);
        this.received = ByteBuffer.allocate(ID_LENGTH + secret.length);
        this.accepted = accepted;
        this.registration = loop.add(channel, this);
        this.timeout = context.scheduler()
                .schedule(this::aborted, context.openTimeout().toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Takes a connection that proved to belong to the session. */
    interface Accepted {
        void connected(String id, SocketChannel channel) throws IOException;
    }

    /** Reads the greeting of a new connection, and closes it if it is wrong or does not come in time. */
    static void await(SocketChannel channel, SocketLoop loop, TransportContext context, Accepted accepted)
            throws IOException {
        Greeting greeting = new Greeting(channel, loop, context, accepted);
        greeting.registration.want(SelectionKey.OP_READ);
    }

    /** Sends the greeting on a blocking channel. */
    static void send(SocketChannel channel, String id, TransportContext context) throws IOException {
        ByteBuffer greeting = StandardCharsets.UTF_8.encode(id + context.dataSecret());
        while (greeting.hasRemaining()) {
            channel.write(greeting);
        }
    }

    @Override
    public void ready(int ops) {
        try {
            int count = channel.read(received);
            if (received.hasRemaining()) {
                if (count < 0 || !registration.want(SelectionKey.OP_READ)) {
                    aborted();
                }
                return;
            }
            timeout.cancel(false);
            byte[] greeting = received.array();
            byte[] claimed = Arrays.copyOfRange(greeting, ID_LENGTH, greeting.length);
            if (MessageDigest.isEqual(claimed, secret)) {
                registration.release();
                accepted.connected(new String(greeting, 0, ID_LENGTH, StandardCharsets.US_ASCII), channel);
            } else {
                aborted();
            }
        } catch (IOException x) {
            aborted(); // the agent is gone, and whoever waits for the stream will hear of the time-out
        }
    }

    @Override
    public void aborted() {
        timeout.cancel(false);
        try {
            registration.close();
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
    }
}
