package io.culvert.tunnel;

import io.culvert.tunnel.spi.DataStream;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * One exposed local service. It stands until it is closed, through losses of the connection to the relay. All methods may be called
 * from any thread.
 */
public interface Tunnel extends AutoCloseable {
    /** Where visitors reach the service: scheme, host and port, without a trailing slash. The same for the tunnel's life. */
    URI publicUrl();

    /** The name under which the relay knows the tunnel. */
    String name();

    /** The name of the transport that carries new streams, such as {@code tcp}. */
    String transport();

    /** Where the tunnel stands now. */
    TunnelState state();

    /** What went through so far. */
    TunnelStats stats();

    /**
     * How long the relay took to answer the agent's last ping. Empty until the first answer, which follows soon after the tunnel stands;
     * measured anew at each of the relay's ping intervals.
     */
    default Optional<Duration> roundTrip() {
        return Optional.empty();
    }

    /**
     * Opens a stream to the local service from this side: it ends where a visitor's would, without the relay between. For sending a captured
     * request again; it is counted and captured like any other, under the transport {@code direct}.
     *
     * @return completes on any thread with the visitor's end of the stream, the caller's own; or fails with a
     *     {@link io.culvert.tunnel.spi.StreamException}
     */
    CompletionStage<DataStream> connect();

    /**
     * Completes when the tunnel is over: with {@code null} after {@link #close()}, with a {@link TunnelException} if the relay
     * refused it for good.
     */
    CompletionStage<Void> closed();

    /**
     * Withdraws the tunnel: no new streams; open ones may finish within the agent's drain time and are then reset. Returns when
     * that is done. Calling it again does nothing more. A tunnel from {@link TunnelAgent#expose(int)} takes its agent with it.
     */
    @Override
    void close();
}
