package io.culvert.tunnel.examples.unix;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.message.TunnelMessage.HttpCancel;
import io.culvert.tunnel.message.TunnelMessage.HttpRequest;
import io.culvert.tunnel.message.TunnelMessage.StreamMessage;
import io.culvert.tunnel.message.TunnelMessage.WebSocketClose;
import io.culvert.tunnel.message.TunnelMessage.WebSocketReady;
import io.culvert.tunnel.message.TunnelMessage.WebSocketUpgrade;
import io.culvert.tunnel.spi.AgentContext;
import io.culvert.tunnel.spi.AgentTransport;
import io.culvert.tunnel.spi.LocalConnection;
import io.culvert.tunnel.spi.StreamException;
import io.culvert.tunnel.spi.StreamRequest;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;

/** Answers each opening message with a connection to the relay's socket, once the local service is connected. */
final class UnixAgentTransport implements AgentTransport {
    private final AgentContext context;
    private final SocketLoop loop;
    private final OpenStreams streams;
    private final Set<String> opening = ConcurrentHashMap.newKeySet();

    UnixAgentTransport(AgentContext context) {
        this.context = context;
        this.streams = new OpenStreams(context);
        this.loop = new SocketLoop("culvert-unix-agent-" + context.session());
    }

    @Override
    public void onMessage(TunnelMessage message) {
        if (message instanceof HttpRequest request && request.tunnel() != null) {
            accept(new StreamRequest(request.requestId(), StreamKind.HTTP, request.tunnel()));
        } else if (message instanceof WebSocketUpgrade upgrade) {
            accept(new StreamRequest(upgrade.connectionId(), StreamKind.UPGRADE, upgrade.tunnel()));
        } else if (message instanceof HttpCancel cancel) {
            onCancel(cancel.requestId(), cancel.code(), cancel.reason());
        } else if (message instanceof WebSocketClose close) {
            onCancel(close.connectionId(), close.code(), close.reason());
        } else if (message instanceof StreamMessage other) {
            streams.stray(other.streamId());
        }
    }

    private void accept(StreamRequest request) {
        if (!opening.add(request.id())) {
            context.strayMessage(request.id());
            return;
        }
        CompletableFuture<LocalConnection> accepting;
        try {
            accepting = context.acceptor().accept(request);
        } catch (RuntimeException x) {
            accepting = CompletableFuture.failedFuture(
                    new StreamException(TunnelError.INTERNAL, "The acceptor failed.", x));
        }
        accepting.whenComplete((local, failure) -> {
            if (failure != null) {
                refuse(request, failure);
            } else {
                context.executor().execute(() -> connect(request, local));
            }
        });
    }

    private void onCancel(String id, String code, String reason) {
        if (opening.remove(id)) {
            streams.forget(id);
        } else {
            streams.resetByPeer(id, code, reason);
        }
    }

    private void connect(StreamRequest request, LocalConnection local) {
        UnixStream stream;
        try {
            stream = UnixStream.of(
                    request.id(),
                    dialRelay(request.id()),
                    loop,
                    why -> streams.tellPeer(request.kind(), request.id(), why));
        } catch (IOException x) {
            var failure = new StreamException(
                    TunnelError.OPEN_TIMEOUT, "The relay's socket cannot be reached. Is it on this machine?", x);
            local.abandon(failure);
            refuse(request, failure);
            return;
        }
        streams.add(stream);
        if (!opening.remove(request.id())) {
            var cancelled = new StreamException(TunnelError.CANCELLED, "The relay gave the stream up.");
            stream.reset(cancelled);
            local.abandon(cancelled);
            return;
        }
        if (request.kind() == StreamKind.UPGRADE) {
            context.control().send(new WebSocketReady(request.id()));
        }
        local.join(stream);
    }

    private SocketChannel dialRelay(String id) throws IOException {
        String socket = Optional.ofNullable(context.parameters().get(UnixRelayTransport.SOCKET))
                .orElseThrow(() -> new IOException("The relay did not say where its socket is."));
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            Greeting.send(channel, id, context);
            return channel;
        } catch (IOException x) {
            channel.close();
            throw x;
        }
    }

    private void refuse(StreamRequest request, Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        StreamException why = cause instanceof StreamException known
                ? known
                : new StreamException(TunnelError.INTERNAL, "The acceptor failed.", cause);
        if (opening.remove(request.id())) {
            streams.forget(request.id());
            streams.tellPeer(request.kind(), request.id(), why);
        }
    }

    @Override
    public void onControlLost() {
        // Streams have sockets of their own and go on.
    }

    @Override
    public void onControlRestored() {}

    @Override
    public void close() {
        loop.close();
    }
}
