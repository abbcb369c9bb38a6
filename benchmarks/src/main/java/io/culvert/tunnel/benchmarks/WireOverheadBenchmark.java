package io.culvert.tunnel.benchmarks;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What travels between relay and agent for the bytes of visitors. The figures are the counters; the times are not meant to
 * be looked at, since a forwarder stands in the way. Counted are the bytes of TCP connections, without the headers of TCP and IP.
 */
@Fork(1)
@Warmup(iterations = 0)
@Measurement(iterations = 3)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class WireOverheadBenchmark {
    private static final int BULK_BYTES = 16 << 20;
    private static final int ROUND_TRIPS = 1000;
    private static final int MESSAGE_BYTES = 1024;

    /** A tunnel with a counter in it. */
    @State(Scope.Benchmark)
    public static class Hop {
        /** Only what crosses a network. */
        @Param({"control", "tcp"})
        public String transport;

        private LocalService service;
        private VisitorPath path;

        /** Opens the tunnel. */
        @Setup
        public void open() throws IOException {
            service = new LocalService();
            path = VisitorPath.openCounted(transport, service.port());
        }

        /** Fails if the tunnel leaves something behind. */
        @TearDown
        public void close() throws Exception {
            Closing.all(path::close, service);
        }
    }

    /** The counters of one iteration; opening the stream and its heads are in them. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.EVENTS)
    public static class Bytes {
        /** Bytes of visitors and local service, both ways. */
        public long payload;

        /** Bytes from relay to agent. */
        public long wireUp;

        /** Bytes from agent to relay. */
        public long wireDown;

        private VisitorPath path;
        private long upBefore;
        private long downBefore;

        /** Starts counting. */
        @Setup(Level.Iteration)
        public void start(Hop hop) {
            path = hop.path;
            upBefore = path.wireBytesUp();
            downBefore = path.wireBytesDown();
        }

        void passed(long bytes) {
            payload = bytes;
            wireUp = path.wireBytesUp() - upBefore;
            wireDown = path.wireBytesDown() - downBefore;
        }
    }

    /** One stream, 16 MiB up. */
    @Benchmark
    public void bulkUp(Hop hop, Bytes bytes) throws IOException {
        try (BlockingSocket visitor = Visitor.upgrade(hop.path, "/sink")) {
            visitor.writeLong(BULK_BYTES);
            visitor.writeRepeated(LocalService.randomBytes(64 * 1024), BULK_BYTES);
            visitor.readLong();
            bytes.passed(BULK_BYTES);
        }
    }

    /** One stream, 16 MiB down. */
    @Benchmark
    public void bulkDown(Hop hop, Bytes bytes) throws IOException {
        try (BlockingSocket visitor = Visitor.upgrade(hop.path, "/source/65536")) {
            visitor.writeLong(BULK_BYTES);
            visitor.skip(BULK_BYTES);
            bytes.passed(BULK_BYTES);
        }
    }

    /** One stream, a thousand messages of 1 KiB up and back, one at a time. */
    @Benchmark
    public void pingPong(Hop hop, Bytes bytes) throws IOException {
        byte[] message = LocalService.randomBytes(MESSAGE_BYTES);
        try (BlockingSocket visitor = Visitor.upgrade(hop.path, "/echo")) {
            for (int i = 0; i < ROUND_TRIPS; i++) {
                visitor.write(message);
                visitor.skip(MESSAGE_BYTES);
            }
            bytes.passed(2L * ROUND_TRIPS * MESSAGE_BYTES);
        }
    }

    /** A thousand GETs of 1 KiB on one kept connection; the payload is the bodies. */
    @Benchmark
    public void httpGet(Hop hop, Bytes bytes) throws IOException {
        byte[] request = Heads.get("/bytes/" + MESSAGE_BYTES, hop.path.authority());
        try (BlockingSocket visitor = Visitor.connect(hop.path)) {
            for (int i = 0; i < ROUND_TRIPS; i++) {
                Visitor.get(visitor, request);
            }
            bytes.passed((long) ROUND_TRIPS * MESSAGE_BYTES);
        }
    }
}
