package io.culvert.tunnel.examples.unix;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.message.TunnelMessage.HttpCancel;
import io.culvert.tunnel.message.TunnelMessage.HttpRequest;
import io.culvert.tunnel.message.TunnelMessage.StreamMessage;
import io.culvert.tunnel.message.TunnelMessage.WebSocketClose;
import io.culvert.tunnel.message.TunnelMessage.WebSocketReady;
import io.culvert.tunnel.message.TunnelMessage.WebSocketUpgrade;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.RelayContext;
import io.culvert.tunnel.spi.RelayTransport;
import io.culvert.tunnel.spi.StreamException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Listens on a socket of the session's own, in a directory that only this user can enter. For each stream it asks the agent on the
 * control channel to connect, and finds the stream by the id that comes first on the connection.
 */
final class UnixRelayTransport implements RelayTransport, SocketLoop.Handler {
    /** The parameter that tells the agent where to connect. */
    static final String SOCKET = "socket";

    private static final int BACKLOG = 1024;

    private final RelayContext context;
    private final Path directory;
    private final Path socket;
    private final ServerSocketChannel server;
    private final SocketLoop loop;
    private final SocketLoop.Registration registration;
    private final Map<String, Opening> pending = new ConcurrentHashMap<>();
    private final OpenStreams streams;
    private volatile boolean controlUp = true;
    private volatile boolean closed;

    private UnixRelayTransport(RelayContext context) throws IOException {
        this.context = context;
        streams = new OpenStreams(context);
        directory = Files.createTempDirectory("culvert"); // readable for its owner only
        socket = directory.resolve("relay");
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket), BACKLOG);
        loop = new SocketLoop("culvert-unix-relay-" + context.session());
        registration = loop.add(server, this);
        registration.want(SelectionKey.OP_ACCEPT);
    }

    static UnixRelayTransport listen(RelayContext context) {
        try {
            return new UnixRelayTransport(context);
        } catch (IOException x) {
            throw new TunnelException(
                    TunnelError.BIND_FAILED,
                    "Cannot listen on a Unix domain socket under " + System.getProperty("java.io.tmpdir") + ".",
                    x);
        }
    }

    @Override
    public Map<String, String> parameters() {
        return Map.of(SOCKET, socket.toString());
    }

    /** A stream that the agent was asked for. */
    private record Opening(StreamKind kind, CompletableFuture<DataStream> result) {}

    @Override
    public CompletableFuture<DataStream> open(StreamKind kind, String tunnel) {
        String id = context.newStreamId();
        Opening opening = new Opening(kind, new CompletableFuture<>());
        pending.put(id, opening);
        var timeout = context.scheduler()
                .schedule(() -> giveUp(id), context.openTimeout().toMillis(), TimeUnit.MILLISECONDS);
        opening.result().whenComplete((stream, failure) -> timeout.cancel(false));
        if (closed) {
            refuse(id, TunnelError.CLOSED, "The session was closed.");
        } else if (!controlUp) {
            refuse(id, TunnelError.LINK_LOST, "The control channel is down.");
        } else if (kind == StreamKind.HTTP) {
            context.control().send(new HttpRequest(id, tunnel, null));
        } else {
            context.control().send(new WebSocketUpgrade(id, tunnel, null));
        }
        return opening.result();
    }

    private void giveUp(String id) {
        Opening opening = pending.remove(id);
        if (opening != null) {
            streams.forget(id);
            var why = new StreamException(TunnelError.OPEN_TIMEOUT, "The agent did not connect in time.");
            streams.tellPeer(opening.kind(), id, why);
            opening.result().completeExceptionally(why);
        }
    }

    private boolean refuse(String id, TunnelError error, String reason) {
        Opening opening = pending.remove(id);
        if (opening == null) {
            return false;
        }
        streams.forget(id);
        opening.result().completeExceptionally(new StreamException(error, reason));
        return true;
    }

    @Override
    public void ready(int ops) {
        try {
            for (SocketChannel channel = server.accept(); channel != null; channel = server.accept()) {
                Greeting.await(channel, loop, context, this::connected);
            }
            registration.want(SelectionKey.OP_ACCEPT);
        } catch (IOException x) {
            context.protocolError("The transport's socket failed: " + x);
        }
    }

    /** A connection proved to belong to this session. */
    private void connected(String id, SocketChannel channel) throws IOException {
        Opening opening = pending.get(id);
        if (opening == null) {
            channel.close(); // too late, used before, or never asked for
            return;
        }
        UnixStream stream = UnixStream.of(id, channel, loop, why -> streams.tellPeer(opening.kind(), id, why));
        streams.add(stream);
        if (pending.remove(id, opening)) {
            opening.result().complete(stream);
        } else {
            stream.reset(new StreamException(TunnelError.CANCELLED, "Nobody waits for stream " + id + " any more."));
        }
    }

    @Override
    public void onMessage(TunnelMessage message) {
        if (message instanceof HttpCancel cancel) {
            onCancel(cancel.requestId(), cancel.code(), cancel.reason());
        } else if (message instanceof WebSocketClose close) {
            onCancel(close.connectionId(), close.code(), close.reason());
        } else if (message instanceof StreamMessage other && !(message instanceof WebSocketReady)) {
            streams.stray(other.streamId()); // ready says nothing that the connection does not say too
        }
    }

    private void onCancel(String id, String code, String reason) {
        if (!refuse(id, TunnelError.ofCode(code), reason)) {
            streams.resetByPeer(id, code, reason);
        }
    }

    @Override
    public void onControlLost() {
        controlUp = false;
        // Open streams go on. The agent may not have heard of pending ones.
        pending.keySet().forEach(id -> refuse(id, TunnelError.LINK_LOST, "The control channel was lost."));
    }

    @Override
    public void onControlRestored() {
        controlUp = true;
    }

    @Override
    public void close() {
        closed = true;
        loop.close();
        pending.keySet().forEach(id -> refuse(id, TunnelError.CLOSED, "The session was closed."));
        aborted();
    }

    @Override
    public void aborted() {
        try {
            registration.close();
            Files.deleteIfExists(socket);
            Files.deleteIfExists(directory);
        } catch (IOException x) {
            System.getLogger(getClass().getName()).log(System.Logger.Level.WARNING, "Cannot clean up " + directory, x);
        }
    }
}
