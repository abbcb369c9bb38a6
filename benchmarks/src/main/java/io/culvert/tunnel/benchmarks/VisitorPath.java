package io.culvert.tunnel.benchmarks;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;

/**
 * The way from a visitor to a local service: straight to its port, or through a relay and an agent of this JVM on loopback.
 * Closing it fails if a stream, a thread or a buffer of the tunnel is left.
 */
final class VisitorPath {
    /** The path without a tunnel. */
    static final String DIRECT = "direct";

    private static final long PATIENCE_MILLIS = 10_000;

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final InetSocketAddress address;
    private final LongSupplier wireBytesUp;
    private final LongSupplier wireBytesDown;

    private VisitorPath(String transport, int localPort, boolean counted) throws IOException {
        if (transport.equals(DIRECT)) {
            address = loopback(localPort);
            wireBytesUp = wireBytesDown = () -> 0;
            return;
        }
        ThreadsLeft threads = new ThreadsLeft();
        opened.push(() -> threads.check(PATIENCE_MILLIS));
        opened.push(() -> BuffersLeft.checkReturned(PATIENCE_MILLIS));
        try {
            TunnelRelay relay = TunnelRelay.builder().transports(transport).start();
            opened.push(relay);
            URI dialled = relay.uri();
            if (counted) {
                CountingForwarder forwarder = new CountingForwarder(loopback(relay.port()));
                opened.push(forwarder);
                dialled = URI.create("ws://127.0.0.1:" + forwarder.port());
                wireBytesUp = forwarder::bytesToAgent;
                wireBytesDown = forwarder::bytesToRelay;
            } else {
                wireBytesUp = wireBytesDown = () -> 0;
            }
            opened.push(() -> StreamsLeft.check(relay, PATIENCE_MILLIS));
            TunnelAgent agent =
                    TunnelAgent.builder().relay(dialled).transports(transport).build();
            opened.push(agent);
            Tunnel tunnel = agent.expose(
                    TunnelSpec.builder(localPort).localHost("127.0.0.1").build());
            if (!tunnel.transport().equals(transport)) {
                throw new IllegalStateException(
                        "Asked for transport '" + transport + "', got '" + tunnel.transport() + "'.");
            }
            address = loopback(tunnel.publicUrl().getPort());
        } catch (IOException | RuntimeException x) {
            closeAfter(x);
            throw x;
        }
    }

    /** Opens the path over a transport, or {@link #DIRECT}. */
    static VisitorPath open(String transport, int localPort) throws IOException {
        return new VisitorPath(transport, localPort, false);
    }

    /** As {@link #open}, with a forwarder between agent and relay that counts what passes. It costs time: not for timed runs. */
    static VisitorPath openCounted(String transport, int localPort) throws IOException {
        return new VisitorPath(transport, localPort, true);
    }

    /** Where visitors connect. */
    InetSocketAddress address() {
        return address;
    }

    /** The {@code Host} that visitors send. */
    String authority() {
        return address.getHostString() + ":" + address.getPort();
    }

    /** Bytes that went from the relay to the agent, on the control channel and on data connections together. */
    long wireBytesUp() {
        return wireBytesUp.getAsLong();
    }

    /** Bytes that went from the agent to the relay. */
    long wireBytesDown() {
        return wireBytesDown.getAsLong();
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private void closeAfter(Exception failure) {
        try {
            close();
        } catch (Exception x) {
            failure.addSuppressed(x);
        }
    }

    void close() throws Exception {
        AutoCloseable[] last = opened.toArray(new AutoCloseable[0]);
        opened.clear();
        Closing.all(last);
    }
}
