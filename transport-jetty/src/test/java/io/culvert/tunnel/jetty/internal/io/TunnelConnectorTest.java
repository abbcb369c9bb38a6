package io.culvert.tunnel.jetty.internal.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.junit.jupiter.api.Test;

/** A connection that Jetty has accepted but not got any further with when it stops. */
class TunnelConnectorTest {
    private final Server server = new Server();
    private final TunnelConnector connector = new TunnelConnector(server, 0, 1, new HttpConnectionFactory());

    private interface Pair {
        void run(Socket visitor, SocketChannel accepted) throws Exception;
    }

    private static void connected(Pair test) throws Exception {
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            try (Socket visitor = new Socket(
                            InetAddress.getLoopbackAddress(), listener.socket().getLocalPort());
                    SocketChannel accepted = listener.accept()) {
                visitor.setSoTimeout(10_000);
                test.run(visitor, accepted);
            }
        }
    }

    @Test
    void isClosedWithTheConnector() throws Exception {
        server.addConnector(connector);
        server.start();
        connected((visitor, accepted) -> {
            connector.configure(accepted.socket());
            assertThat(accepted.isOpen()).isTrue();
            server.stop();
            assertThat(visitor.getInputStream().read()).isEqualTo(-1);
        });
    }

    @Test
    void isClosedWhereTheConnectorWasFaster() throws Exception {
        server.addConnector(connector);
        server.start();
        server.stop();
        connected((visitor, accepted) -> {
            connector.configure(accepted.socket());
            assertThat(visitor.getInputStream().read()).isEqualTo(-1);
        });
    }
}
