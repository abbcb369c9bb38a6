package io.culvert.tunnel.jetty.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LingeringCloseTest {
    /** More than a system's buffers take on their way. */
    private static final long SOCKET_BUFFERS = 32 << 20;

    private final ScheduledExecutorScheduler scheduler = new ScheduledExecutorScheduler("lingering", true);
    private final LingeringClose lingering = new LingeringClose(Duration.ofMinutes(5));
    private final List<Socket> peers = new ArrayList<>();
    private ServerSocket listener;

    @BeforeEach
    void start() throws Exception {
        scheduler.start();
        listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void stop() throws Exception {
        for (Socket peer : peers) {
            peer.close();
        }
        listener.close();
        lingering.stop();
        scheduler.stop();
        assertThat(lingering.size()).isZero();
    }

    /** A connection whose other end is the last of the peers. */
    private SocketChannel connect() throws IOException {
        SocketChannel channel =
                SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), listener.getLocalPort()));
        channel.configureBlocking(false);
        peers.add(listener.accept());
        return channel;
    }

    @Test
    void thePeerReadsTheLastWordsAndItsEndIsWaitedFor() throws Exception {
        SocketChannel channel = connect();
        Socket peer = peers.get(0);
        channel.write(StandardCharsets.US_ASCII.encode("last words"));
        lingering.close(channel, scheduler);
        assertThat(channel.isOpen()).isTrue();
        peer.getOutputStream().write(new byte[100_000]);
        assertThat(peer.getInputStream().readAllBytes()).asString().isEqualTo("last words");
        peer.close();
        await().until(() -> !channel.isOpen());
        assertThat(lingering.size()).isZero();
    }

    @Test
    void aPeerThatGoesOnIsCutOff() throws Exception {
        SocketChannel channel = connect();
        byte[] block = new byte[64 * 1024];
        lingering.close(channel, scheduler);
        long sent = 0;
        try {
            while (channel.isOpen()) {
                peers.get(0).getOutputStream().write(block);
                sent += block.length;
            }
        } catch (IOException reset) {
            await().until(() -> !channel.isOpen());
        }
        assertThat(sent).isLessThan(LingeringClose.MAX_BYTES + SOCKET_BUFFERS);
        assertThat(lingering.size()).isZero();
    }

    @Test
    void aPeerThatStaysIsLeftInTheEnd() throws Exception {
        SocketChannel channel = connect();
        new LingeringClose(Duration.ofMillis(100)).close(channel, scheduler);
        await().until(() -> !channel.isOpen());
    }

    @Test
    void notTooManyLingerAndNoneAfterAStop() throws Exception {
        List<SocketChannel> channels = new ArrayList<>();
        for (int i = 0; i <= LingeringClose.MAX_CONNECTIONS; i++) {
            channels.add(connect());
            lingering.close(channels.get(i), scheduler);
        }
        assertThat(channels).filteredOn(SocketChannel::isOpen).hasSize(LingeringClose.MAX_CONNECTIONS);
        lingering.stop();
        assertThat(channels).noneMatch(SocketChannel::isOpen);
        SocketChannel late = connect();
        lingering.close(late, scheduler);
        assertThat(late.isOpen()).isFalse();
    }
}
