package io.culvert.tunnel.jetty.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.jetty.EndPointStream;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.StreamException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;
import org.eclipse.jetty.io.EndPoint;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two sockets and the pump between the listener's ends of them. */
class PumpTest {
    /** What the pump copies between. */
    enum Between {
        ENDPOINTS,
        /** The visitor's side is a stream that can't be unwrapped. */
        STREAM_AND_ENDPOINT
    }

    private RawListener listener;
    private Socket visitor;
    private Socket service;
    private EndPointStream visited;
    private EndPointStream served;
    private Pump pump;
    private final Map<Direction, AtomicLong> counted = new EnumMap<>(Direction.class);
    private final CompletableFuture<IOException> writeFailure = new CompletableFuture<>();
    private final AtomicInteger doneCount = new AtomicInteger();
    private final CompletableFuture<Optional<Throwable>> done = new CompletableFuture<>();

    @BeforeEach
    void connect() throws Exception {
        for (Direction direction : Direction.values()) {
            counted.put(direction, new AtomicLong());
        }
        listener = new RawListener(null);
        visitor = listener.connect();
        visited = listener.accepted();
        service = listener.connect();
        served = listener.accepted();
    }

    private void pump(Between between) {
        prepare(between).start();
    }

    private Pump prepare(Between between) {
        DataStream downstream = between == Between.ENDPOINTS ? visited : new Opaque(visited);
        EndPoint down = StreamEndPoint.of(
                downstream, listener.server().getScheduler(), listener.server().getThreadPool());
        pump = new Pump(
                served.unwrap(EndPoint.class).orElseThrow(),
                down,
                (direction, count) -> counted.get(direction).addAndGet(count),
                listener.buffers,
                listener.server().getThreadPool(),
                cause -> {
                    doneCount.incrementAndGet();
                    done.complete(Optional.ofNullable(cause));
                });
        return pump;
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        visitor.close();
        service.close();
        await().untilAsserted(() -> assertThat(listener.open()).isZero());
        await().untilAsserted(() -> assertThat(listener.buffers.getLeaks()).isEmpty());
        listener.close();
        assertThat(doneCount).hasValueLessThanOrEqualTo(1);
    }

    private Optional<Throwable> outcome() throws Exception {
        return done.get(20, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @EnumSource
    void bytesTravelBothWaysAndAreCounted(Between between) throws Exception {
        pump(between);
        visitor.getOutputStream().write("question".getBytes());
        assertThat(service.getInputStream().readNBytes(8)).asString().isEqualTo("question");
        service.getOutputStream().write("an answer".getBytes());
        assertThat(visitor.getInputStream().readNBytes(9)).asString().isEqualTo("an answer");
        assertThat(counted.get(Direction.UP)).hasValue(8);
        assertThat(counted.get(Direction.DOWN)).hasValue(9);
        await().untilAsserted(() -> assertThat(listener.buffers.getLeaks()).isEmpty()); // idle: none is held
    }

    @ParameterizedTest
    @EnumSource
    void anEndTravelsAloneAndTheSecondClosesBoth(Between between) throws Exception {
        pump(between);
        visitor.getOutputStream().write(1);
        visitor.shutdownOutput();
        assertThat(service.getInputStream().readAllBytes()).containsExactly(1);
        service.getOutputStream().write(new byte[100_000]);
        assertThat(visitor.getInputStream().readNBytes(100_000)).hasSize(100_000);
        assertThat(done).isNotDone();
        service.shutdownOutput();
        assertThat(visitor.getInputStream().read()).isEqualTo(-1);
        assertThat(outcome()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void theServiceMayEndFirst(Between between) throws Exception {
        pump(between);
        service.getOutputStream().write(new byte[] {1, 2});
        service.shutdownOutput();
        assertThat(visitor.getInputStream().readAllBytes()).containsExactly(1, 2);
        visitor.getOutputStream().write(3);
        visitor.shutdownOutput();
        assertThat(service.getInputStream().readAllBytes()).containsExactly(3);
        assertThat(outcome()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void theVisitorsResetReachesTheService(Between between) throws Exception {
        pump(between);
        visitor.getOutputStream().write(1);
        assertThat(service.getInputStream().read()).isEqualTo(1);
        reset(visitor);
        assertReset(service);
        assertThat(outcome()).isPresent();
    }

    @ParameterizedTest
    @EnumSource
    void theServicesResetReachesTheVisitor(Between between) throws Exception {
        pump(between);
        service.getOutputStream().write(1);
        assertThat(visitor.getInputStream().read()).isEqualTo(1);
        reset(service);
        assertReset(visitor);
        assertThat(outcome()).isPresent();
    }

    @ParameterizedTest
    @EnumSource
    void aResetBehindAnEndIsStillAReset(Between between) throws Exception {
        pump(between);
        visitor.shutdownOutput();
        assertThat(service.getInputStream().read()).isEqualTo(-1);
        reset(service);
        assertReset(visitor);
        assertThat(outcome()).isPresent();
    }

    @ParameterizedTest
    @EnumSource
    void bothResetAtOnce(Between between) throws Exception {
        pump(between);
        reset(service);
        reset(visitor);
        assertThat(outcome()).isPresent();
    }

    @ParameterizedTest
    @EnumSource
    void aResetReachesAPumpThatIsStuckInAWrite(Between between) throws Exception {
        pump(between);
        fillUp(visitor);
        reset(service);
        assertThat(writeFailure.get(20, TimeUnit.SECONDS)).isInstanceOf(SocketException.class);
        assertThat(outcome()).isPresent();
    }

    @ParameterizedTest
    @EnumSource
    void whoDoesNotReadHoldsTheWriterUp(Between between) throws Exception {
        pump(between);
        long written = fillUp(visitor);
        assertThat(written).isLessThan(32L * 1024 * 1024);
        service.getOutputStream().write(7); // the other direction goes on
        assertThat(visitor.getInputStream().read()).isEqualTo(7);
        InputStream in = service.getInputStream();
        for (long left = written; left > 0; ) {
            left -= in.skip(left);
        }
        visitor.shutdownOutput();
        await().untilAsserted(() -> assertThat(counted.get(Direction.UP).get()).isGreaterThanOrEqualTo(written));
    }

    @ParameterizedTest
    @EnumSource
    void muchBothWaysAtOnce(Between between) throws Exception {
        pump(between);
        long size = 96L * 1024 * 1024;
        CompletableFuture<Long> up =
                CompletableFuture.supplyAsync(() -> checked(() -> send(visitor, size, 1)), PumpTest::startThread);
        CompletableFuture<Long> down =
                CompletableFuture.supplyAsync(() -> checked(() -> send(service, size, 2)), PumpTest::startThread);
        CompletableFuture<Long> upEnd =
                CompletableFuture.supplyAsync(() -> checked(() -> checksum(service)), PumpTest::startThread);
        assertThat(checksum(visitor)).isEqualTo(down.get(30, TimeUnit.SECONDS));
        assertThat(upEnd.get(30, TimeUnit.SECONDS)).isEqualTo(up.get(30, TimeUnit.SECONDS));
        assertThat(outcome()).isEmpty();
        assertThat(counted.get(Direction.UP)).hasValue(size);
        assertThat(counted.get(Direction.DOWN)).hasValue(size);
    }

    @Test
    void aFarewellBeforeTheStartDisturbsNobodyAndIsSaidAtTheStart() throws Exception {
        CompletableFuture<Object> disturbed = new CompletableFuture<>();
        visited.park(() -> disturbed.complete("bytes"), cause -> disturbed.complete("the end"));
        Pump early = prepare(Between.ENDPOINTS);
        early.speaksWebSocket();
        early.farewell();
        CompletableFuture<Void> free = new CompletableFuture<>();
        visited.unpark(() -> free.complete(null));
        free.get(20, TimeUnit.SECONDS);
        assertThat(disturbed).isNotDone();
        early.start();
        assertThat(visitor.getInputStream().readAllBytes()).containsExactly(0x88, 2, 0x03, 0xe9);
        assertThat(service.getInputStream().readAllBytes()).hasSize(8).startsWith(0x88, 0x82);
        visitor.shutdownOutput();
        service.shutdownOutput();
        assertThat(outcome()).isEmpty();
    }

    @Test
    void bytesThatWereReadBeforeComeFirst() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        visited.park(arrived::countDown, cause -> {});
        visitor.getOutputStream().write("early ".getBytes());
        assertThat(arrived.await(20, TimeUnit.SECONDS)).isTrue();
        visitor.getOutputStream().write("and late".getBytes());
        CompletableFuture<Void> free = new CompletableFuture<>();
        visited.unpark(() -> free.complete(null));
        free.get(20, TimeUnit.SECONDS);
        pump(Between.ENDPOINTS);
        assertThat(service.getInputStream().readNBytes(14)).asString().isEqualTo("early and late");
        await().untilAsserted(() -> assertThat(counted.get(Direction.UP)).hasValue(14));
    }

    @ParameterizedTest
    @EnumSource
    void anAbortBeforeTheStartClosesBoth(Between between) throws Exception {
        prepare(between).abort(new StreamException(TunnelError.CANCELLED, "given up"));
        assertReset(visitor);
        assertReset(service);
        pump.start();
        assertThat(StreamException.errorOf(outcome().orElseThrow())).isEqualTo(TunnelError.CANCELLED);
    }

    @ParameterizedTest
    @EnumSource
    void anAbortFromOutsideResetsBothAndTellsWhy(Between between) throws Exception {
        CompletableFuture<Optional<Throwable>> told = new CompletableFuture<>();
        served.onClosed(cause -> told.complete(Optional.ofNullable(cause)));
        pump(between);
        pump.abort(new StreamException(TunnelError.CLOSING, "going away"));
        pump.abort(new StreamException(TunnelError.INTERNAL, "again"));
        assertReset(visitor);
        assertReset(service);
        assertThat(StreamException.errorOf(outcome().orElseThrow())).isEqualTo(TunnelError.CLOSING);
        assertThat(StreamException.errorOf(told.get(20, TimeUnit.SECONDS).orElseThrow()))
                .isEqualTo(TunnelError.CLOSING);
    }

    @Test
    void aPeerOfAClosedListenerSeesAReset() throws Exception {
        pump(Between.ENDPOINTS);
        visitor.getOutputStream().write(1);
        assertThat(service.getInputStream().read()).isEqualTo(1);
        listener.close();
        assertReset(visitor);
        assertReset(service);
    }

    /** Writes until nothing more is taken; what is left waits on a thread of its own. */
    private long fillUp(Socket socket) throws Exception {
        AtomicLong written = new AtomicLong();
        Thread writer = new Thread(() -> {
            try {
                OutputStream out = socket.getOutputStream();
                byte[] piece = new byte[16 * 1024];
                while (written.get() < 64L * 1024 * 1024) {
                    out.write(piece);
                    written.addAndGet(piece.length);
                }
            } catch (IOException x) {
                writeFailure.complete(x);
            }
        });
        writer.setDaemon(true);
        writer.start();
        AtomicLong before = new AtomicLong(-1);
        await().pollInterval(300, TimeUnit.MILLISECONDS).until(() -> before.getAndSet(written.get()) == written.get());
        return written.get();
    }

    private static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    private static void assertReset(Socket socket) {
        assertThatThrownBy(() -> socket.getInputStream().readAllBytes())
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
    }

    /** Not the common pool, which has a single thread on a small machine. */
    private static void startThread(Runnable task) {
        Thread thread = new Thread(task, "pump-test");
        thread.setDaemon(true);
        thread.start();
    }

    private static long send(Socket socket, long size, int seed) throws IOException {
        Random random = new Random(seed);
        CRC32 sum = new CRC32();
        byte[] piece = new byte[100_000];
        for (long left = size; left > 0; ) {
            random.nextBytes(piece);
            int count = (int) Math.min(left, piece.length);
            socket.getOutputStream().write(piece, 0, count);
            sum.update(piece, 0, count);
            left -= count;
        }
        socket.shutdownOutput();
        return sum.getValue();
    }

    private static long checksum(Socket socket) throws IOException {
        CRC32 sum = new CRC32();
        byte[] piece = new byte[65_536];
        for (int count; (count = socket.getInputStream().read(piece)) >= 0; ) {
            sum.update(piece, 0, count);
        }
        return sum.getValue();
    }

    /** Something that may fail on another thread. */
    private interface Work {
        long run() throws IOException;
    }

    private static long checked(Work work) {
        try {
            return work.run();
        } catch (IOException x) {
            throw new AssertionError(x);
        }
    }
}
