package io.culvert.tunnel.testkit.junit;

import io.culvert.tunnel.spi.Completion;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.StreamService;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/** A service inside the process that sends back what it gets. */
final class Echo implements StreamService {
    @Override
    public void serve(DataStream stream) {
        stream.onReadable(() -> pump(stream));
    }

    private static void pump(DataStream stream) {
        ByteBuffer buffer = ByteBuffer.allocate(1024);
        try {
            int count = stream.read(buffer);
            if (count < 0) {
                stream.end();
            } else if (count == 0) {
                stream.onReadable(() -> pump(stream));
            } else {
                stream.write(buffer.flip(), new Completion() {
                    @Override
                    public void succeeded() {
                        pump(stream);
                    }

                    @Override
                    public void failed(Throwable cause) {
                        stream.reset(cause);
                    }
                });
            }
        } catch (IOException x) {
            stream.reset(x);
        }
    }

    /** Stands for a server of a library, which the implementation of tunnels knows. */
    static final class Server {
        final AtomicInteger connected = new AtomicInteger();

        StreamService connect() {
            connected.incrementAndGet();
            return new Connected();
        }

        private final class Connected implements StreamService, AutoCloseable {
            private final Echo echo = new Echo();

            @Override
            public void serve(DataStream stream) {
                echo.serve(stream);
            }

            @Override
            public void close() {
                connected.decrementAndGet();
            }
        }
    }
}
