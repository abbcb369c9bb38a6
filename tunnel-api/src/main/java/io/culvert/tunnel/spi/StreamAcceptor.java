package io.culvert.tunnel.spi;

import java.util.concurrent.CompletableFuture;

/** What an agent's half of a transport hands a relay's wish to. */
@FunctionalInterface
public interface StreamAcceptor {
    /**
     * Connects to the local service behind the tunnel, and to nothing else.
     *
     * @return completes on any thread with the connection; or fails with a {@link StreamException} that says why not, which
     *     the transport reports to the relay
     */
    CompletableFuture<LocalConnection> accept(StreamRequest request);
}
