package io.culvert.tunnel.tcp.internal;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.jetty.EndPointStream;
import io.culvert.tunnel.jetty.JettyAgentHost;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.spi.AgentContext;
import io.culvert.tunnel.spi.AgentTransport;
import io.culvert.tunnel.spi.LocalConnection;
import io.culvert.tunnel.spi.StreamException;
import io.culvert.tunnel.spi.StreamRequest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/** The agent's half: dials the relay, for each stream or ahead. */
public final class TcpAgentTransport implements AgentTransport, AgentStream.Owner {
    private final AgentContext context;
    private final JettyAgentHost host;
    private final HttpFields credential;
    private final AgentSlots slots;
    private final RecentIds recent = new RecentIds();
    private final Map<String, AgentStream> streams = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /** A session's half on the agent's Jetty. */
    public TcpAgentTransport(AgentContext context, JettyAgentHost host) {
        this.context = context;
        this.host = host;
        this.credential = HttpFields.build()
                .put(HttpHeader.AUTHORIZATION, "Bearer " + context.dataSecret())
                .asImmutable();
        this.slots = new AgentSlots(context, this::dial);
    }

    private CompletableFuture<EndPointStream> dial(String id) {
        return host.upgrade(context.relay(), Wire.PATH + id, Wire.PROTOCOL, credential, id);
    }

    @Override
    public void onMessage(TunnelMessage message) {
        if (message instanceof TunnelMessage.Slots m) {
            if (m.connectionIds().stream().allMatch(Wire::isId)) {
                slots.add(m.connectionIds());
            } else {
                malformed("slots");
            }
        } else if (message instanceof TunnelMessage.HttpRequest m && m.tunnel() != null) {
            open(new StreamRequest(m.requestId(), StreamKind.HTTP, m.tunnel()), m.payload() != null);
        } else if (message instanceof TunnelMessage.WebSocketUpgrade m) {
            open(new StreamRequest(m.connectionId(), StreamKind.UPGRADE, m.tunnel()), m.initialRequest() != null);
        } else if (message instanceof TunnelMessage.HttpCancel m) {
            cancel(m.requestId(), m.code(), m.reason());
        } else if (message instanceof TunnelMessage.WebSocketClose m) {
            cancel(m.connectionId(), m.code(), m.reason());
        } else if (message instanceof TunnelMessage.StreamMessage m) {
            context.strayMessage(m.streamId());
        } else {
            malformed(message.getClass().getSimpleName());
        }
    }

    private void malformed(String what) {
        context.protocolError("A relay does not send this in the transport tcp: " + what);
    }

    private void open(StreamRequest request, boolean withBytes) {
        if (withBytes || !Wire.isId(request.id())) {
            malformed(withBytes ? "bytes in an opening" : "an id of this form");
            return;
        }
        AgentStream stream = new AgentStream(request, this);
        if (closed || streams.putIfAbsent(request.id(), stream) != null) {
            context.strayMessage(request.id());
            return;
        }
        slots.name(request.id());
        stream.open();
        if (closed) {
            stream.cancel(closing());
        }
    }

    private void cancel(String id, String code, String reason) {
        AgentStream stream = streams.get(id);
        if (stream != null) {
            stream.cancelUnlessJoined(Failures.received(id, code, reason)); // else its own connection says so
        } else if (!recent.contains(id)) {
            context.strayMessage(id);
        }
    }

    @Override
    public CompletableFuture<LocalConnection> accept(StreamRequest request) {
        return context.acceptor().accept(request);
    }

    @Override
    public void ready(AgentStream stream) {
        context.control().send(new TunnelMessage.WebSocketReady(stream.id()));
    }

    @Override
    public CompletableFuture<EndPointStream> connection(AgentStream stream) {
        return slots.take(stream.id()).orElseGet(() -> dial(stream.id()));
    }

    @Override
    public void refused(AgentStream stream, StreamException cause) {
        context.control().send(Wire.cancel(stream.kind(), stream.id(), cause));
    }

    @Override
    public void over(AgentStream stream, @Nullable StreamException cause) {
        recent.add(stream.id());
        streams.remove(stream.id(), stream);
        if (cause != null) {
            slots.leave(stream.id(), cause);
        }
    }

    /** Upgrades and streams that wait for a dial are lost at the relay too; plain HTTP on a waiting connection goes on. */
    @Override
    public void onControlLost() {
        slots.controlLost();
        StreamException lost =
                new StreamException(TunnelError.LINK_LOST, "The link broke while the stream was opened.");
        for (AgentStream stream : List.copyOf(streams.values())) {
            if (stream.kind() == StreamKind.UPGRADE || !slots.holds(stream.id())) {
                stream.cancelUnlessJoined(lost);
            }
        }
    }

    @Override
    public void onControlRestored() {
        // The relay grants what is missing.
    }

    private StreamException closing() {
        return new StreamException(TunnelError.CLOSED, "Session " + context.session() + " is over.");
    }

    @Override
    public void close() {
        closed = true;
        List.copyOf(streams.values()).forEach(stream -> stream.cancel(closing()));
        slots.close();
    }
}
