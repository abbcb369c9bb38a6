package io.culvert.tunnel.jetty.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.culvert.tunnel.jetty.EndPointStream;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;
import org.eclipse.jetty.io.ClientConnectionFactory;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.Transport;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.junit.jupiter.api.Test;

/** Every connection of ours, accepted or dialled, is probed by TCP after 30 s of silence: idle WebSockets stay in the tables of routers. */
class KeepAliveTest {
    private static void assertKeptAlive(EndPointStream stream) throws Exception {
        TunnelEndPoint endPoint = (TunnelEndPoint) stream.unwrap(EndPoint.class).orElseThrow();
        SocketChannel channel = endPoint.getChannel();
        assertThat(channel.getOption(StandardSocketOptions.SO_KEEPALIVE)).isTrue();
        assertThat(channel.getOption(StandardSocketOptions.TCP_NODELAY)).isTrue();
        assumeTrue(channel.supportedOptions().contains(ExtendedSocketOptions.TCP_KEEPIDLE));
        assertThat(channel.getOption(ExtendedSocketOptions.TCP_KEEPIDLE)).isEqualTo(30);
        assertThat(channel.getOption(ExtendedSocketOptions.TCP_KEEPINTERVAL)).isEqualTo(10);
    }

    @Test
    void isSetOnBothEndsOfAConnection() throws Exception {
        ClientConnector dialer = new TunnelClientConnector(new ScheduledExecutorScheduler("dialer", true));
        dialer.start();
        try (RawListener listener = new RawListener(null)) {
            CompletableFuture<EndPointStream> dialled = new CompletableFuture<>();
            ClientConnectionFactory factory = (endPoint, context) ->
                    new EndPointStream("test", endPoint, dialer.getExecutor(), dialled::complete).connection();
            dialer.connect(
                    new InetSocketAddress("127.0.0.1", listener.port()),
                    new HashMap<>(Map.of(
                            Transport.CONTEXT_KEY,
                            Transport.TCP_IP,
                            ClientConnectionFactory.CONTEXT_KEY,
                            factory,
                            ClientConnector.CONNECTION_PROMISE_CONTEXT_KEY,
                            Promise.noop())));
            assertKeptAlive(dialled.get(20, TimeUnit.SECONDS));
            assertKeptAlive(listener.accepted());
        } finally {
            dialer.stop();
        }
    }
}
