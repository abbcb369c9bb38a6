package io.culvert.tunnel.core.net;

import io.culvert.tunnel.StreamKind;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A tunnel as the edge sees it. The same object stands for the same tunnel over reconnects of its agent; when another agent takes the name
 * over, it ends and another object has the name.
 */
public interface PublicTunnel {
    /** The tunnel's name. */
    String name();

    /** The transport that carries its streams; empty while its agent is not there. */
    default String transport() {
        return "";
    }

    /** The Host that the local service is to see; empty for the visitor's. */
    default Optional<String> hostHeader() {
        return Optional.empty();
    }

    /**
     * Whether a request may come in. Asked before {@link #open} and before anything of the request is passed on. Does not block.
     */
    default Admission admit(VisitorRequest request) {
        return Admission.FREE;
    }

    /**
     * Opens a stream to the local service. While the agent is away it waits for the grace time.
     *
     * @return completes on any thread, or fails with a {@link io.culvert.tunnel.spi.StreamException}
     */
    CompletableFuture<OpenStream> open(StreamKind kind);

    /**
     * Runs the callback once when the time of open connections is up: what can say so to its peers does, and ends. At once if that is
     * so already. On any thread; must not block.
     *
     * @return takes the callback back
     */
    default Runnable onFarewell(Runnable callback) {
        return () -> {};
    }

    /** Runs the callback once when the tunnel is gone, or its agent takes no new streams; at once if it is so. */
    void onEnded(Runnable callback);
}
