package io.culvert.tunnel.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.core.internal.codec.MalformedMessageException;
import io.culvert.tunnel.core.internal.codec.MessageCodec;
import io.culvert.tunnel.core.net.Carrier;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.spi.Completion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** A control channel whose other end does as it likes, while what is sent on it must be the protocol's. */
public final class FuzzedCarrier implements Carrier {
    private static final MessageCodec CODEC = new MessageCodec();

    private final StepExecutor tasks;
    private final Consumer<TunnelMessage> received;
    private Listener listener;
    private Completion outstanding;
    private boolean closed;
    private boolean told;

    /**
     * A channel that stands.
     *
     * @param tasks runs what the network tells
     * @param received takes what is sent on it
     */
    public FuzzedCarrier(StepExecutor tasks, Consumer<TunnelMessage> received) {
        this.tasks = tasks;
        this.received = received;
    }

    /** Who hears what the other end says. */
    public void listen(Listener to) {
        listener = to;
    }

    /** The other end sends a message. */
    public void say(TunnelMessage message) {
        say(CODEC.encode(message));
    }

    /** The other end sends a text. */
    public void say(ByteBuffer text) {
        if (!closed) {
            listener.onMessage(text);
        }
    }

    /** The message under way leaves. */
    public void deliver() {
        Completion completion = outstanding;
        outstanding = null;
        if (completion != null) {
            completion.succeeded();
        }
    }

    /** The other end closes. */
    public void hangUp(int code) {
        end(code);
    }

    /** Whether either end closed it. */
    public boolean isClosed() {
        return closed;
    }

    @Override
    public void send(ByteBuffer utf8, Completion completion) {
        assertThat(outstanding).as("the message under way").isNull();
        if (closed) {
            tasks.execute(() -> completion.failed(new IOException("closed")));
            return;
        }
        outstanding = completion;
        try {
            received.accept(CODEC.decode(utf8));
        } catch (MalformedMessageException x) {
            throw new AssertionError(x);
        }
    }

    @Override
    public void close(int code, String reason) {
        assertThat(reason.getBytes(java.nio.charset.StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(123);
        end(code);
    }

    @Override
    public void abort() {
        end(1006);
    }

    private void end(int code) {
        if (closed) {
            return;
        }
        closed = true;
        tasks.execute(() -> {
            Completion completion = outstanding;
            outstanding = null;
            if (completion != null) {
                completion.failed(new IOException("closed"));
            }
            assertThat(told).isFalse();
            told = true;
            listener.onClosed(code, "", null);
        });
    }
}
