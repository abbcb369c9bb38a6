package io.culvert.tunnel.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.core.internal.codec.MalformedMessageException;
import io.culvert.tunnel.core.internal.codec.MessageCodec;
import io.culvert.tunnel.core.net.Carrier;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.spi.Completion;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One side of a control channel that the test plays itself, message by message. */
final class RawPeer implements Carrier.Listener {
    private static final MessageCodec CODEC = new MessageCodec();

    final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final BlockingQueue<TunnelMessage> messages = new LinkedBlockingQueue<>();
    private volatile Carrier carrier;

    /** For {@code MemoryNetwork}: takes the carrier, gives the listener. */
    Carrier.Listener on(Carrier stands) {
        carrier = stands;
        return this;
    }

    Carrier carrier() {
        return carrier;
    }

    RawPeer send(TunnelMessage message) {
        carrier.send(CODEC.encode(message), Completion.IGNORE);
        return this;
    }

    RawPeer sendText(String text) {
        carrier.send(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), Completion.IGNORE);
        return this;
    }

    /** The next message, which must be of that type; pings are passed over. */
    <M extends TunnelMessage> M next(Class<M> type) throws InterruptedException {
        TunnelMessage message;
        do {
            message = messages.poll(10, TimeUnit.SECONDS);
        } while (message instanceof TunnelMessage.Ping && type != TunnelMessage.Ping.class);
        assertThat(message).isInstanceOf(type);
        return type.cast(message);
    }

    /** Registers a wish for each name; none for a random one. */
    TunnelMessage.Registered register(String agentId, String... names) throws InterruptedException {
        send(register(TunnelMessage.VERSION, agentId, List.of("memory"), names));
        return next(TunnelMessage.Registered.class);
    }

    static TunnelMessage.Register register(int version, String agentId, List<String> transports, String... names) {
        List<TunnelMessage.Wish> wishes = java.util.Arrays.stream(names)
                .map(name -> new TunnelMessage.Wish(name, name.isEmpty() ? null : name, null, null, null, null))
                .toList();
        return new TunnelMessage.Register(version, agentId, wishes, transports, 65_536);
    }

    /** The code with which the channel was closed. */
    int closeCode() {
        return closed.orTimeout(10, TimeUnit.SECONDS).join();
    }

    @Override
    public void onMessage(ByteBuffer utf8) {
        try {
            messages.add(CODEC.decode(utf8));
        } catch (MalformedMessageException x) {
            throw new AssertionError(x);
        }
    }

    @Override
    public void onClosed(int code, String reason, Throwable failure) {
        closed.complete(code);
    }
}
