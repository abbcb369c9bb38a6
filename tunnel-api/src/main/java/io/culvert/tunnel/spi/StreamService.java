package io.culvert.tunnel.spi;

/**
 * A local service inside the agent's process: it takes the streams themselves, so that no port is opened and nothing is dialled. Given to
 * {@link io.culvert.tunnel.TunnelSpec#builder(StreamService)}. Called from any thread, for many streams at once.
 */
@FunctionalInterface
public interface StreamService {
    /**
     * Serves one stream, as a server would serve a connection that it accepted: it reads what a visitor sends and writes the answer. For
     * plain HTTP a stream carries one request after another. Must not block, since the thread carries other streams as well: what may
     * block runs on threads of the service's own.
     *
     * @param stream the service's own from now on; must be ended and read to its end, closed or reset
     */
    void serve(DataStream stream);

    /** Whether the service takes streams now. While it does not, visitors meet 502 {@code local-refused}. Must not block. */
    default boolean isServing() {
        return true;
    }
}
