package io.culvert.tunnel.core.internal.agent;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.internal.MeteredStream;
import io.culvert.tunnel.core.net.MeteredConnection;
import io.culvert.tunnel.core.net.StreamMeter;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.StreamException;
import io.culvert.tunnel.spi.StreamService;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What stands for a connection where the service is inside this process: joining hands the stream over. */
record InProcessConnection(StreamService service) implements MeteredConnection {
    private static final Logger LOG = LoggerFactory.getLogger(InProcessConnection.class);

    static CompletableFuture<MeteredConnection> to(StreamService service) {
        return service.isServing()
                ? CompletableFuture.completedFuture(new InProcessConnection(service))
                : CompletableFuture.failedFuture(new StreamException(
                        TunnelError.LOCAL_REFUSED,
                        "The service inside this process takes no connections. Is it started?"));
    }

    @Override
    public void join(DataStream stream, StreamMeter meter) {
        try {
            service.serve(new MeteredStream(stream, meter));
        } catch (RuntimeException x) {
            LOG.warn("The service inside this process failed to serve stream {}", stream.id(), x);
            stream.reset(new StreamException(TunnelError.INTERNAL, "The service failed.", x));
        }
    }

    /** Nothing was begun. */
    @Override
    public void abandon(Throwable cause) {}
}
