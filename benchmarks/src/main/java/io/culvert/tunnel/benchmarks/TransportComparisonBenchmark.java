package io.culvert.tunnel.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * The same visitors and the same local services, without a tunnel and through one over each transport. Visitor, relay, agent and
 * local service share the JVM and the loopback interface.
 *
 * <p>The stream rows run on an upgraded connection with raw bytes after its 101; there is no WebSocket library in them.
 */
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TransportComparisonBenchmark {
    /** Payload of one operation of the benchmarks that measure throughput. */
    static final int BULK_BYTES = 8 << 20;

    /** What is compared. */
    @State(Scope.Benchmark)
    public static class Setting {
        /** The way to the local service. */
        @Param({"direct", "memory", "control", "tcp"})
        public String transport;

        /** Bytes in one write, message or body. */
        @Param({"1024", "65536"})
        public int size;
    }

    /** A local service on blocking sockets and the way to it. */
    @State(Scope.Benchmark)
    public static class StreamPath {
        private LocalService service;
        private VisitorPath path;

        /** Opens the tunnel. */
        @Setup
        public void open(Setting setting) throws IOException {
            service = new LocalService();
            path = VisitorPath.open(setting.transport, service.port());
        }

        /** Fails if the tunnel leaves something behind. */
        @TearDown
        public void close() throws Exception {
            Closing.all(path::close, service);
        }
    }

    /** A visitor's upgraded connection. */
    @State(Scope.Benchmark)
    public static class Stream {
        private BlockingSocket visitor;
        private byte[] chunk;

        /** Connects to the echo or the sink. */
        @Setup
        public void connect(StreamPath path, Setting setting, BenchmarkParams benchmark) throws IOException {
            chunk = LocalService.randomBytes(setting.size);
            visitor = Visitor.upgrade(path.path, benchmark.getBenchmark().endsWith("streamOneWay") ? "/sink" : "/echo");
        }

        /** Ends the connection. */
        @TearDown
        public void close() throws IOException {
            visitor.close();
        }
    }

    /** One of the visitors that send requests, with a connection of its own. */
    @State(Scope.Thread)
    public static class HttpVisitor {
        private BlockingSocket visitor;
        private byte[] request;

        /** Connects; the connection is kept for every request. */
        @Setup
        public void connect(StreamPath path, Setting setting) throws IOException {
            visitor = Visitor.connect(path.path);
            request = Heads.get("/bytes/" + setting.size, path.path.authority());
        }

        /** Ends the connection. */
        @TearDown
        public void close() throws IOException {
            visitor.close();
        }
    }

    /** A visitor with a WebSocket to a local service on Jetty. */
    @State(Scope.Benchmark)
    public static class WebSockets {
        private WebSocketService service;
        private VisitorPath path;
        private WebSocketVisitor visitor;
        private ByteBuffer message;

        /** Opens the tunnel and the WebSocket. */
        @Setup
        public void open(Setting setting, BenchmarkParams benchmark) throws Exception {
            message = ByteBuffer.wrap(LocalService.randomBytes(setting.size));
            service = new WebSocketService();
            path = VisitorPath.open(setting.transport, service.port());
            String target = benchmark.getBenchmark().endsWith("webSocketBulk") ? "/source" : "/echo";
            visitor = new WebSocketVisitor(URI.create("ws://" + path.authority() + target));
        }

        /** Fails if the tunnel leaves something behind. */
        @TearDown
        public void close() throws Exception {
            Closing.all(visitor::close, path::close, service::close);
        }
    }

    /** 8 MiB up one stream in writes of the size, until the local service says that it has them. */
    @Benchmark
    @BenchmarkMode(Mode.Throughput)
    public long streamOneWay(Stream stream) throws IOException {
        stream.visitor.writeLong(BULK_BYTES);
        stream.visitor.writeRepeated(stream.chunk, BULK_BYTES);
        return stream.visitor.readLong();
    }

    /** As many bytes as the size says up one stream and back. */
    @Benchmark
    @BenchmarkMode(Mode.SampleTime)
    @OutputTimeUnit(TimeUnit.MICROSECONDS)
    public void streamPingPong(Stream stream) throws IOException {
        stream.visitor.write(stream.chunk);
        stream.visitor.skip(stream.chunk.length);
    }

    /** One binary message to the local service and back. */
    @Benchmark
    @BenchmarkMode(Mode.SampleTime)
    @OutputTimeUnit(TimeUnit.MICROSECONDS)
    public int webSocketEcho(WebSockets webSockets) throws Exception {
        return webSockets.visitor.echo(webSockets.message.duplicate());
    }

    /** 8 MiB of binary messages from the local service. */
    @Benchmark
    @BenchmarkMode(Mode.Throughput)
    public int webSocketBulk(WebSockets webSockets) throws Exception {
        int size = webSockets.message.remaining();
        return webSockets.visitor.pull(BULK_BYTES / size, size);
    }

    /** One GET on a kept connection, the body of the size. */
    @Benchmark
    @BenchmarkMode(Mode.SampleTime)
    @OutputTimeUnit(TimeUnit.MICROSECONDS)
    public long httpGet(HttpVisitor visitor) throws IOException {
        return Visitor.get(visitor.visitor, visitor.request);
    }
}
