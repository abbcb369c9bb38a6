package io.culvert.tunnel.jetty.internal.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.AbstractConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A connection is opened, read and closed by one thread: its selector's. */
class SelectorLoopsTest {
    private final Server server =
            new Server(new QueuedThreadPool(), new ScheduledExecutorScheduler("timer", true), null);
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private TunnelConnector connector;

    /** Reads with a callback of which Jetty must think that it may block. */
    private final class Reader extends AbstractConnection {
        private Reader(EndPoint endPoint) {
            super(endPoint, server.getThreadPool());
        }

        private void tell(String what) {
            events.add(what + " by " + Thread.currentThread().getId());
        }

        @Override
        public void onOpen() {
            super.onOpen();
            tell("opened");
            ((TunnelEndPoint) getEndPoint()).neverBlocks();
            fillInterested();
        }

        @Override
        public void onFillable() {
            try {
                int filled = getEndPoint().fill(BufferUtil.allocate(64));
                tell("read"); // not before: what is sent on hearing of it would be read as well
                if (filled < 0) {
                    getEndPoint().close();
                } else {
                    fillInterested();
                }
            } catch (Exception x) {
                throw new AssertionError(x);
            }
        }

        @Override
        public void onClose(@Nullable Throwable cause) {
            super.onClose(cause);
            tell("closed");
        }
    }

    @BeforeEach
    void start() throws Exception {
        connector = new TunnelConnector(server, 0, 1, new AbstractConnectionFactory("read") {
            @Override
            public Connection newConnection(Connector accepting, EndPoint endPoint) {
                return new Reader(endPoint);
            }
        });
        connector.setHost(InetAddress.getLoopbackAddress().getHostAddress());
        server.addConnector(connector);
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        server.stop();
    }

    private String next() throws InterruptedException {
        String event = events.poll(20, TimeUnit.SECONDS);
        assertThat(event).isNotNull();
        return event;
    }

    @Test
    void theSelectorsThreadDoesItAll() throws Exception {
        try (Socket visitor = new Socket(InetAddress.getLoopbackAddress(), connector.getLocalPort())) {
            String opened = next();
            assertThat(opened).startsWith("opened by ");
            String thread = opened.substring("opened by ".length());
            OutputStream out = visitor.getOutputStream();
            for (int i = 0; i < 3; i++) {
                out.write('x');
                assertThat(next()).isEqualTo("read by " + thread);
            }
            visitor.shutdownOutput();
            assertThat(next()).isEqualTo("read by " + thread);
            assertThat(next()).isEqualTo("closed by " + thread);
        }
    }

    @Test
    void closingFromAnotherThreadIsToldAsWell() throws Exception {
        try (Socket visitor = new Socket(InetAddress.getLoopbackAddress(), connector.getLocalPort())) {
            assertThat(next()).startsWith("opened by ");
            connector.getConnectedEndPoints().forEach(EndPoint::close);
            assertThat(next()).startsWith("closed by ");
            assertThat(visitor.getInputStream().read()).isEqualTo(-1);
        }
    }
}
