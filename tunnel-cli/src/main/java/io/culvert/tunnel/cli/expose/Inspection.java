package io.culvert.tunnel.cli.expose;

import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.capture.Capture;
import io.culvert.tunnel.capture.CaptureListener;
import io.culvert.tunnel.inspector.Inspector;
import java.util.Optional;

/** Who sees what passes: the inspector's page, the view, both or neither. */
final class Inspection implements AutoCloseable {
    private final Optional<Inspector> inspector;

    Inspection(Optional<Inspector> inspector) {
        this.inspector = inspector;
    }

    /** Has an agent that is to be built show what passes; the view needs no bodies. */
    void attachTo(TunnelAgent.Builder agent, Optional<CaptureListener> view) {
        inspector.ifPresent(page -> page.attachTo(agent));
        view.ifPresent(listener ->
                agent.capture(Capture.builder(listener).maxBodyBytes(0).build()));
    }

    @Override
    public void close() {
        inspector.ifPresent(Inspector::close);
    }
}
