package io.culvert.tunnel.jetty.internal.channel;

import io.culvert.tunnel.core.net.Carrier;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Keeps what a carrier told. */
public final class RecordingListener implements Carrier.Listener {
    private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    private final BlockingQueue<Closed> closings = new LinkedBlockingQueue<>();

    /** An end. */
    public record Closed(int code, String reason, @Nullable Throwable failure) {}

    /** What the reader does with the next message before any other comes in. */
    volatile Runnable onMessage = () -> {};

    @Override
    public void onMessage(ByteBuffer utf8) {
        messages.add(StandardCharsets.UTF_8.decode(utf8).toString());
        onMessage.run();
    }

    @Override
    public void onClosed(int code, String reason, @Nullable Throwable failure) {
        closings.add(new Closed(code, reason, failure));
    }

    /** The next message; waits for it. */
    public String next() throws InterruptedException {
        return taken(messages.poll(20, TimeUnit.SECONDS));
    }

    /** The end; waits for it. */
    public Closed closed() throws InterruptedException {
        return taken(closings.poll(20, TimeUnit.SECONDS));
    }

    /** How often an end was told that nobody took. */
    public int moreClosings() {
        return closings.size();
    }

    private static <T> T taken(@Nullable T value) {
        if (value == null) {
            throw new AssertionError("nothing came");
        }
        return value;
    }
}
