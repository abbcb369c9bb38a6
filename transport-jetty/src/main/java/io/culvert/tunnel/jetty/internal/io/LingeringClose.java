package io.culvert.tunnel.jetty.internal.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.IO;
import org.eclipse.jetty.util.NanoTime;
import org.eclipse.jetty.util.thread.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes connections in a way that the peer gets to read the last words (RFC 6455, section 7.1.1): a close with input that nobody read is
 * a TCP reset, which may overtake them. So this side ends its direction, and what still comes is dropped until the peer ends too, for a
 * short time and up to a limit. For any thread.
 */
final class LingeringClose {
    /** The longest wait for the peer's end. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** What is dropped at most of one connection. */
    static final long MAX_BYTES = 1 << 20;

    /** Connections that linger at once; others are closed as they are. */
    static final int MAX_CONNECTIONS = 64;

    private static final Logger LOG = LoggerFactory.getLogger(LingeringClose.class);
    private static final long LOOK_MILLIS = 20;
    private static final int BUFFER_BYTES = 64 * 1024;

    private final Duration patience;
    private final Set<SocketChannel> lingering = ConcurrentHashMap.newKeySet();

    private volatile boolean stopped;

    /** One that waits as long as is usual. */
    LingeringClose() {
        this(PATIENCE);
    }

    LingeringClose(Duration patience) {
        this.patience = patience;
    }

    /** Ends this side's direction of a non-blocking channel that no selector watches any more, and sees to the rest. */
    void close(SocketChannel channel, Scheduler scheduler) {
        try {
            channel.shutdownOutput();
            if (!stopped && lingering.size() < MAX_CONNECTIONS) {
                lingering.add(channel);
                new Drain(channel, scheduler).run();
                if (stopped) {
                    close(channel);
                }
                return;
            }
        } catch (IOException x) {
            LOG.debug("Over already: {}", channel, x);
        }
        IO.close(channel);
    }

    private void close(SocketChannel channel) {
        lingering.remove(channel);
        IO.close(channel);
    }

    /** Closes what lingers. */
    void stop() {
        stopped = true;
        lingering.forEach(this::close);
    }

    /** How many connections linger. */
    int size() {
        return lingering.size();
    }

    /** Looks after one connection now and then; there are few, and for a short time. */
    private final class Drain implements Runnable {
        private final SocketChannel channel;
        private final Scheduler scheduler;
        private final long begin = NanoTime.now();
        private long dropped;

        private Drain(SocketChannel channel, Scheduler scheduler) {
            this.channel = channel;
            this.scheduler = scheduler;
        }

        @Override
        public void run() {
            try {
                if (mayComeMore() && NanoTime.since(begin) < patience.toNanos()) {
                    scheduler.schedule(this, LOOK_MILLIS, TimeUnit.MILLISECONDS);
                    return;
                }
            } catch (IOException x) {
                LOG.debug("Over already: {}", channel, x);
            }
            close(channel);
        }

        private boolean mayComeMore() throws IOException {
            ByteBuffer scrap = ByteBuffer.allocate(BUFFER_BYTES);
            while (dropped < MAX_BYTES) {
                int count = channel.read(scrap.clear());
                if (count <= 0) {
                    return count == 0;
                }
                dropped += count;
            }
            return false;
        }
    }
}
