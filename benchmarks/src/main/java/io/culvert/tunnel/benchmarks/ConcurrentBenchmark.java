package io.culvert.tunnel.benchmarks;

import java.io.IOException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** Several visitors at the same time: a thread of JMH is one of them, with a connection of its own. The runner varies how many. */
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@BenchmarkMode(Mode.Throughput)
@Threads(16)
public class ConcurrentBenchmark {
    private static final int SIZE = 1024;

    /** The one tunnel of all visitors. */
    @State(Scope.Benchmark)
    public static class SharedPath {
        /** The way to the local service. */
        @Param({"direct", "memory", "control", "tcp"})
        public String transport;

        private LocalService service;
        private VisitorPath path;

        /** Opens the tunnel. */
        @Setup
        public void open() throws IOException {
            service = new LocalService();
            path = VisitorPath.open(transport, service.port());
        }

        /** Fails if the tunnel leaves something behind. */
        @TearDown
        public void close() throws Exception {
            Closing.all(path::close, service);
        }
    }

    /** A visitor that sends requests. */
    @State(Scope.Thread)
    public static class Requests {
        private BlockingSocket visitor;
        private byte[] request;

        /** Connects; the connection is kept for every request. */
        @Setup
        public void connect(SharedPath path) throws IOException {
            visitor = Visitor.connect(path.path);
            request = Heads.get("/bytes/" + SIZE, path.path.authority());
        }

        /** Ends the connection. */
        @TearDown
        public void close() throws IOException {
            visitor.close();
        }
    }

    /** A visitor with an upgraded connection to the echo. */
    @State(Scope.Thread)
    public static class Messages {
        private final byte[] message = LocalService.randomBytes(SIZE);
        private BlockingSocket visitor;

        /** Connects and upgrades. */
        @Setup
        public void connect(SharedPath path) throws IOException {
            visitor = Visitor.upgrade(path.path, "/echo");
        }

        /** Ends the connection. */
        @TearDown
        public void close() throws IOException {
            visitor.close();
        }
    }

    /** GETs, the body of 1 KiB. */
    @Benchmark
    public long httpGet(Requests visitor) throws IOException {
        return Visitor.get(visitor.visitor, visitor.request);
    }

    /** 1 KiB up a stream and back. */
    @Benchmark
    public void streamPingPong(Messages visitor) throws IOException {
        visitor.visitor.write(visitor.message);
        visitor.visitor.skip(SIZE);
    }
}
