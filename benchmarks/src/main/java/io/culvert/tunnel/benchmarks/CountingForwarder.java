package io.culvert.tunnel.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stands between agent and relay, passes every connection on, and counts its bytes. */
final class CountingForwarder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CountingForwarder.class);

    private final InetSocketAddress relay;
    private final ServerSocket listener = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
    private final Set<Link> open = ConcurrentHashMap.newKeySet();
    private final LongAdder toRelay = new LongAdder();
    private final LongAdder toAgent = new LongAdder();

    CountingForwarder(InetSocketAddress relay) throws IOException {
        this.relay = relay;
        start("local-forwarder-accept", this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    long bytesToRelay() {
        return toRelay.sum();
    }

    long bytesToAgent() {
        return toAgent.sum();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Link link = new Link(listener.accept(), new Socket(relay.getAddress(), relay.getPort()));
                open.add(link);
                link.start();
            } catch (IOException x) {
                if (!listener.isClosed()) {
                    throw new UncheckedIOException("The forwarder cannot take connections any more.", x);
                }
            }
        }
    }

    /** One agent's connection and the one to the relay that goes with it. */
    private final class Link {
        private final Socket agentSide;
        private final Socket relaySide;
        private final AtomicInteger directions = new AtomicInteger(2);

        Link(Socket agentSide, Socket relaySide) throws IOException {
            this.agentSide = agentSide;
            this.relaySide = relaySide;
            agentSide.setTcpNoDelay(true);
            relaySide.setTcpNoDelay(true);
        }

        void start() {
            CountingForwarder.start("local-forwarder", () -> copy(agentSide, relaySide, toRelay));
            CountingForwarder.start("local-forwarder", () -> copy(relaySide, agentSide, toAgent));
        }

        private void copy(Socket from, Socket to, LongAdder counter) {
            byte[] chunk = new byte[64 * 1024];
            try {
                InputStream in = from.getInputStream();
                for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                    counter.add(count);
                    to.getOutputStream().write(chunk, 0, count);
                }
                to.shutdownOutput();
            } catch (IOException x) {
                LOG.debug("A forwarded connection was reset", x);
                reset();
            }
            if (directions.decrementAndGet() == 0) {
                close();
            }
        }

        /** A reset stays a reset on the other side. */
        private void reset() {
            try {
                agentSide.setSoLinger(true, 0);
                relaySide.setSoLinger(true, 0);
            } catch (IOException x) {
                LOG.debug("A forwarded connection was closed already", x);
            }
            close();
        }

        void close() {
            open.remove(this);
            try (agentSide;
                    relaySide) {
                LOG.debug("A forwarded connection is over");
            } catch (IOException x) {
                throw new UncheckedIOException("The forwarder cannot close a connection.", x);
            }
        }
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        open.forEach(Link::close);
    }
}
