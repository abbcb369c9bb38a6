package io.culvert.tunnel.core.internal.agent;

import io.culvert.tunnel.Role;
import io.culvert.tunnel.StreamInfo;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.core.internal.LogText;
import io.culvert.tunnel.core.internal.StrayGuard;
import io.culvert.tunnel.core.internal.StreamBooks;
import io.culvert.tunnel.core.internal.TrackedStream;
import io.culvert.tunnel.core.net.LocalTarget;
import io.culvert.tunnel.core.net.MeteredConnection;
import io.culvert.tunnel.core.net.StreamMeter;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.LocalConnection;
import io.culvert.tunnel.spi.StreamAcceptor;
import io.culvert.tunnel.spi.StreamException;
import io.culvert.tunnel.spi.StreamRequest;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Connects the streams of one session to the ports that are exposed, and to nothing else. */
final class LocalAcceptor implements StreamAcceptor {
    private static final Logger LOG = LoggerFactory.getLogger(LocalAcceptor.class);

    private final AgentParts parts;
    private final String transport;
    private final Function<String, @Nullable AgentTunnel> tunnels;
    private final StrayGuard strays;

    /** Why each tunnel's service could not be reached last; said once, until it can be. */
    private final Map<String, String> refusals = new ConcurrentHashMap<>();

    /**
     * An acceptor for one session.
     *
     * @param tunnels finds a tunnel by its granted name
     */
    LocalAcceptor(
            AgentParts parts, String transport, Function<String, @Nullable AgentTunnel> tunnels, StrayGuard strays) {
        this.parts = parts;
        this.transport = transport;
        this.tunnels = tunnels;
        this.strays = strays;
    }

    @Override
    public CompletableFuture<LocalConnection> accept(StreamRequest request) {
        strays.known(request.id());
        AgentTunnel tunnel = tunnels.apply(request.tunnel());
        if (tunnel == null) {
            return CompletableFuture.failedFuture(new StreamException(
                    TunnelError.UNKNOWN_TUNNEL,
                    "This agent exposes no tunnel '" + LogText.clean(request.tunnel()) + "'."));
        }
        StreamInfo info = new StreamInfo(Role.AGENT, request.tunnel(), transport, request.kind());
        try {
            tunnel.admit();
        } catch (StreamException x) {
            parts.books().failed(info, tunnel.tally(), x.error());
            return CompletableFuture.failedFuture(x);
        }
        long since = parts.books().now();
        CompletableFuture<MeteredConnection> dial;
        try {
            dial = dial(tunnel.spec());
        } catch (RuntimeException x) {
            dial = CompletableFuture.failedFuture(x);
        }
        return dial.whenComplete((connection, failure) -> {
                    if (failure == null) {
                        refusals.remove(tunnel.name());
                    } else {
                        report(tunnel.name(), failure);
                        parts.books().failed(info, tunnel.tally(), StreamException.errorOf(failure));
                        tunnel.left(null);
                    }
                })
                .thenApply(connection -> new Local(connection, tunnel, info, since));
    }

    private CompletableFuture<MeteredConnection> dial(TunnelSpec spec) {
        return spec.service().map(InProcessConnection::to).orElseGet(() -> parts.network()
                .dialLocal(LocalTarget.of(spec), parts.options().localConnectTimeout()));
    }

    /** Visitors learn the code only; the sentence is for who runs the agent. */
    private void report(String tunnel, Throwable failure) {
        String why = String.valueOf(failure.getMessage());
        if (!why.equals(refusals.put(tunnel, why))) {
            LOG.warn("Tunnel {} cannot be served: {}", tunnel, why);
        }
    }

    /** A connection to a local service that stands. */
    private final class Local implements LocalConnection {
        private final MeteredConnection connection;
        private final AgentTunnel tunnel;
        private final StreamInfo info;
        private final long since;

        Local(MeteredConnection connection, AgentTunnel tunnel, StreamInfo info, long since) {
            this.connection = connection;
            this.tunnel = tunnel;
            this.info = info;
            this.since = since;
        }

        @Override
        public void join(DataStream stream) {
            if (!tunnel.opened(stream)) {
                StreamException closed =
                        new StreamException(TunnelError.CLOSING, "Tunnel " + tunnel.name() + " was closed.");
                abandon(closed);
                stream.reset(closed);
                return;
            }
            StreamBooks.Entry entry = parts.books().opened(stream.id(), info, tunnel.tally(), since);
            CaptureTee.Tap tap = tap(stream, entry);
            TrackedStream tracked = new TrackedStream(stream, cause -> {
                entry.closed(stream, cause);
                if (tap != null) {
                    tap.closed(cause);
                }
                tunnel.left(stream);
            });
            connection.join(tracked, tap != null ? tap : entry);
        }

        private CaptureTee.@Nullable Tap tap(DataStream stream, StreamMeter entry) {
            return parts.tee()
                    .flatMap(tee -> parts.network().decoder(stream.id(), info).map(decoder -> tee.tap(decoder, entry)))
                    .orElse(null);
        }

        @Override
        public void abandon(Throwable cause) {
            parts.books().failed(info, tunnel.tally(), StreamException.errorOf(cause));
            tunnel.left(null);
            connection.abandon(cause);
        }
    }
}
