package io.culvert.tunnel.cli.expose;

import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.capture.CaptureListener;
import java.util.List;
import java.util.Optional;

/** What the command tells of its tunnels, and how. */
interface View extends AutoCloseable {
    /** Lets an agent report here. Called for each, before it is built. */
    void observe(TunnelAgent.Builder agent);

    /** Who wants to hear of requests; empty if nobody does. */
    Optional<CaptureListener> requests();

    /** All tunnels stand. Called once. */
    void exposed(List<Exposure.Exposed> tunnels);

    /** Nothing is told any more. */
    @Override
    void close();
}
