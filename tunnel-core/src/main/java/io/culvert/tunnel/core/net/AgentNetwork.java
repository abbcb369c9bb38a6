package io.culvert.tunnel.core.net;

import io.culvert.tunnel.StreamInfo;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** What an agent needs of a network stack. One instance an agent; closed with it. */
public interface AgentNetwork extends AutoCloseable {
    /**
     * Dials the relay's control channel at {@code /_tunnel/control}. Does not block.
     *
     * @param relay scheme ws, wss, http or https
     * @param token sent as {@code Authorization: Bearer}; none if empty
     * @param listener made for the carrier as soon as it stands, before any message is delivered
     * @return completes with the carrier; or fails with a {@link io.culvert.tunnel.TunnelException}: {@code UNAUTHORIZED} after 401 or 403,
     *     {@code BAD_CONFIGURATION} if the environment names a proxy that cannot be used, {@code RELAY_UNREACHABLE} for everything else
     */
    CompletableFuture<Carrier> connect(URI relay, Optional<String> token, Function<Carrier, Carrier.Listener> listener);

    /**
     * Connects to the local service, TLS included.
     *
     * @return completes with the connection, or fails with a {@link io.culvert.tunnel.spi.StreamException}: {@code LOCAL_REFUSED}, also
     *     where the service is not who it should be, or {@code LOCAL_TIMEOUT} after the time-out
     */
    CompletableFuture<MeteredConnection> dialLocal(LocalTarget target, Duration timeout);

    /**
     * What makes sense of a stream's bytes for the agent's {@link io.culvert.tunnel.AgentOptions#capture()}; empty if nobody wants that.
     *
     * @param stream the stream's id
     * @param about which stream it is
     */
    default Optional<StreamDecoder> decoder(String stream, StreamInfo about) {
        return Optional.empty();
    }

    /** Runs work that may block. */
    Executor executor();

    /** Something of the stack's own, for transports made for it. */
    <T> Optional<T> host(Class<T> type);

    /** Releases every thread and socket. */
    @Override
    void close();
}
