package io.culvert.tunnel.core.internal.relay;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.internal.guard.TunnelGuard;
import io.culvert.tunnel.core.net.Admission;
import io.culvert.tunnel.core.net.OpenStream;
import io.culvert.tunnel.core.net.PublicTunnel;
import io.culvert.tunnel.core.net.VisitorRequest;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * A tunnel at the relay: brings visitors' streams to the session that has it. When another agent takes its name over, another object takes
 * its place: so the edge lets go of the streams that it keeps alive, and those in use finish where they are.
 */
final class RelayTunnel implements PublicTunnel {
    private final String name;
    private final @Nullable String host;
    private final @Nullable String hostHeader;
    private final int ownPort;
    private final URI url;
    private final String owner;
    private final Session session;
    private final TunnelNotices notices;
    private final Openings openings;

    private volatile TunnelGuard guard;

    RelayTunnel(
            String name,
            @Nullable String host,
            @Nullable String hostHeader,
            int ownPort,
            URI url,
            Session session,
            TunnelGuard guard,
            RelayParts parts) {
        this.name = name;
        this.host = host;
        this.hostHeader = hostHeader;
        this.ownPort = ownPort;
        this.url = url;
        this.owner = session.owner();
        this.session = session;
        this.guard = guard;
        this.notices = new TunnelNotices(name);
        this.openings = new Openings(name, session, notices, parts);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String transport() {
        return session.transportName();
    }

    @Override
    public Optional<String> hostHeader() {
        return Optional.ofNullable(hostHeader);
    }

    /** The host of its own, if it has one. */
    @Nullable
    String host() {
        return host;
    }

    /** The port of its own, or 0. */
    int ownPort() {
        return ownPort;
    }

    URI url() {
        return url;
    }

    String owner() {
        return owner;
    }

    Session session() {
        return session;
    }

    TunnelGuard guard() {
        return guard;
    }

    /** The agent is back with another protection. */
    void guard(TunnelGuard next) {
        guard = next;
    }

    @Override
    public Admission admit(VisitorRequest request) {
        return guard.admit(request);
    }

    @Override
    public CompletableFuture<OpenStream> open(StreamKind kind) {
        return openings.open(kind);
    }

    @Override
    public void onEnded(Runnable callback) {
        notices.onEnded(callback);
    }

    @Override
    public Runnable onFarewell(Runnable callback) {
        return notices.onFarewell(callback);
    }

    /** The time of the open connections is up. */
    void farewell() {
        notices.farewell();
    }

    /** A farewell is to come, unless the last stream is over before. New ones do not come any more. */
    void farewellBy(Future<?> later) {
        openings.cancelWithoutStreams(later);
    }

    /** The session came to be reachable, or not. */
    void reach(Reach now) {
        openings.reach(now);
    }

    /** The tunnel is gone. */
    void end(TunnelError forWaiting) {
        openings.end(forWaiting);
    }

    /** Another agent took the name over: what waits goes there. */
    void endFor(RelayTunnel next) {
        openings.endFor(next.openings);
    }
}
