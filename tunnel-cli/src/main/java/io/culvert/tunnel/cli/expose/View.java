package io.culvert.tunnel.cli.expose;

import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.capture.CaptureListener;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** What the command tells of its tunnels, and how. */
interface View extends AutoCloseable {
    /** Lets an agent report here. Called for each, before it is built. */
    void observe(TunnelAgent.Builder agent);

    /** Who wants to hear of requests; empty if nobody does. */
    Optional<CaptureListener> requests();

    /** Whether it shows itself on a terminal all the time. */
    default boolean isLive() {
        return false;
    }

    /** What passes is shown on a page. Called once at most, before the tunnels stand. */
    void inspectedAt(URI page);

    /** All tunnels stand. Called once. */
    void exposed(List<Exposure.Exposed> tunnels);

    /** Nothing is told any more. */
    @Override
    void close();
}
