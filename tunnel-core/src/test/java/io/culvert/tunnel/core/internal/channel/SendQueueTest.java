package io.culvert.tunnel.core.internal.channel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;

import io.culvert.tunnel.core.LogCopy;
import io.culvert.tunnel.core.internal.codec.MessageCodec;
import io.culvert.tunnel.core.net.Carrier;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.message.TunnelMessage.HttpResponse;
import io.culvert.tunnel.message.TunnelMessage.Ping;
import io.culvert.tunnel.message.TunnelMessage.Refused;
import io.culvert.tunnel.spi.Completion;
import io.culvert.tunnel.spi.ControlChannel.Turn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SendQueueTest {
    private final Deque<Runnable> handedOver = new ArrayDeque<>();
    private final SendQueue queue = new SendQueue(new MessageCodec(), handedOver::add);
    private final Wire wire = new Wire();

    @Test
    void messagesGoOutInOrderOneAtATime() {
        queue.attach(wire);
        queue.send(new Ping(1));
        queue.send(new Ping(2));
        queue.send(new Ping(3));
        assertThat(wire.sent).containsExactly(ping(1));
        assertThat(queue.queued()).isEqualTo(3);
        wire.complete();
        wire.complete();
        wire.complete();
        assertThat(wire.sent).containsExactly(ping(1), ping(2), ping(3));
        assertThat(queue.queued()).isZero();
    }

    @Test
    void itIsFlushedWhenTheCarrierTookWhatWasSentBefore() {
        assertThat(queue.flush()).as("without a carrier").isDone();
        queue.attach(wire);
        queue.send(new Ping(1));
        queue.send(new Ping(2));
        CompletableFuture<Void> flushed = queue.flush();
        wire.complete();
        assertThat(wire.sent).containsExactly(ping(1), ping(2));
        assertThat(flushed).isNotDone();
        wire.complete();
        assertThat(flushed).isDone();
    }

    @Test
    void nobodyWaitsForAFlushOfALostCarrier() {
        queue.attach(wire);
        queue.send(new Ping(1));
        CompletableFuture<Void> flushed = queue.flush();
        assertThat(flushed).isNotDone();
        queue.detach(new IOException("gone"));
        assertThat(flushed).isDone();
    }

    @Test
    void whatWaitsIsToldInBytesAndNothingIsLeftAfterALoss() {
        AtomicLong waiting = new AtomicLong();
        SendQueue watched = new SendQueue(new MessageCodec(), handedOver::add, waiting::addAndGet);
        watched.send(new Ping(0)); // dropped, as there is no carrier
        assertThat(waiting).hasValue(0);
        watched.attach(wire);
        watched.send(new Ping(1)); // with the carrier at once
        assertThat(waiting).hasValue(0);
        watched.send(new Ping(2));
        watched.send(new Ping(3));
        assertThat(waiting).hasValue(ping(2).length() + ping(3).length());
        wire.complete();
        assertThat(waiting).hasValue(ping(3).length());
        watched.detach(new IOException("gone"));
        assertThat(waiting).hasValue(0);

        Wire next = new Wire();
        watched.attach(next);
        watched.send(new Ping(4));
        watched.send(new Ping(5));
        next.outstanding.failed(new IOException("broken"));
        assertThat(waiting).hasValue(0);
    }

    @Test
    void aCarrierThatBreaksIsLoggedInOneSentence() {
        queue.attach(wire);
        queue.send(new Ping(1));
        try (LogCopy log = new LogCopy()) {
            wire.outstanding.failed(new IOException("the network\nis gone"));
            assertThat(log.text().lines())
                    .singleElement()
                    .asString()
                    .endsWith("A frame could not be sent. java.io.IOException: the network?is gone");
        }
    }

    @Test
    void messagesOvertakeData() {
        queue.attach(wire);
        queue.requestTurn(new Asker("a"));
        queue.requestTurn(new Asker("b"));
        queue.send(new Ping(1));
        wire.completeAll();
        assertThat(wire.sent).containsExactly(data("a"), ping(1), data("b"));
    }

    @Test
    void askersTakeTurns() {
        queue.attach(wire);
        Asker greedy = new Asker("greedy", 3);
        queue.requestTurn(greedy);
        queue.requestTurn(new Asker("b", 2));
        queue.requestTurn(new Asker("c"));
        wire.completeAll();
        assertThat(wire.sent)
                .containsExactly(data("greedy"), data("b"), data("c"), data("greedy"), data("b"), data("greedy"));
        assertThat(greedy.outcomes).containsExactly(null, null, null);
    }

    @Test
    void anAskerIsToldAfterItsMessageLeft() {
        queue.attach(wire);
        Asker asker = new Asker("a");
        queue.requestTurn(asker);
        assertThat(asker.outcomes).isEmpty();
        wire.complete();
        assertThat(asker.outcomes).containsExactly((Throwable) null);
    }

    @Test
    void anAskerMayHaveNothingToSend() {
        queue.attach(wire);
        Turn turn = mock(Turn.class);
        queue.requestTurn(turn);
        queue.requestTurn(new Asker("b"));
        verify(turn).next();
        verify(turn, never()).sent(null);
        assertThat(wire.sent).containsExactly(data("b"));
    }

    @Test
    void anAskerThatThrowsHarmsNobodyElse() {
        queue.attach(wire);
        Asker broken = new Asker("a") {
            @Override
            public TunnelMessage next() {
                throw new IllegalStateException("broken");
            }

            @Override
            public void sent(@Nullable Throwable failure) {
                super.sent(failure);
                throw new IllegalStateException("really broken");
            }
        };
        queue.requestTurn(broken);
        queue.requestTurn(new Asker("b"));
        wire.completeAll();
        assertThat(broken.outcomes).singleElement().isInstanceOf(IllegalStateException.class);
        assertThat(wire.sent).containsExactly(data("b"));
    }

    @Test
    void withoutACarrierMessagesAreDroppedAndAskersFail() {
        Asker early = new Asker("early");
        queue.send(new Ping(1));
        queue.requestTurn(early);
        assertThat(early.outcomes).singleElement().isInstanceOf(IOException.class);
        queue.attach(wire);
        assertThat(wire.sent).isEmpty();
        assertThat(queue.queued()).isZero();
    }

    @Test
    void detachingFailsWhoWaitsAndAnotherCarrierStartsAfresh() {
        queue.attach(wire);
        Asker first = new Asker("first");
        Asker second = new Asker("second");
        queue.requestTurn(first);
        queue.requestTurn(second);
        queue.send(new Ping(1));
        IOException why = new IOException("gone");
        queue.detach(why);
        assertThat(first.outcomes).containsExactly(why);
        assertThat(second.outcomes).containsExactly(why);
        assertThat(queue.queued()).isZero();

        Wire next = new Wire();
        queue.attach(next);
        queue.requestTurn(new Asker("third"));
        wire.completeAll(); // of the old one: nothing to do with the new one
        assertThat(next.sent).containsExactly(data("third"));
        assertThat(queue.queued()).isEqualTo(1);
        next.completeAll();
        assertThat(queue.queued()).isZero();
        assertThat(wire.sent).containsExactly(data("first"));
        assertThat(first.outcomes).hasSize(1);
    }

    @Test
    void theBytesOfALostFrameStayWhatTheyWere() {
        queue.attach(wire);
        queue.requestTurn(new Asker("first"));
        queue.detach(new IOException("gone"));
        Wire next = new Wire();
        queue.attach(next);
        queue.requestTurn(new Asker("other"));
        assertThat(UTF_8.decode(wire.frame).toString()).isEqualTo(data("first"));
    }

    @Test
    void detachingWhileATurnMakesItsMessageFailsThatTurn() {
        queue.attach(wire);
        IOException why = new IOException("gone");
        Wire next = new Wire();
        Asker asker = new Asker("a") {
            @Override
            public @Nullable TunnelMessage next() {
                queue.detach(why);
                queue.attach(next);
                queue.send(new Ping(5));
                return super.next();
            }
        };
        queue.requestTurn(asker);
        assertThat(asker.outcomes).containsExactly(why);
        assertThat(wire.sent).isEmpty();
        assertThat(next.sent).containsExactly(ping(5));
    }

    @Test
    void aFrameThatFailsCutsTheCarrier() {
        queue.attach(wire);
        Asker asker = new Asker("a");
        Asker waiting = new Asker("b");
        queue.requestTurn(asker);
        queue.requestTurn(waiting);
        wire.outstanding.failed(new IOException("broken pipe"));
        assertThat(wire.aborted).isTrue();
        assertThat(asker.outcomes).singleElement().isInstanceOf(IOException.class);
        assertThat(waiting.outcomes).singleElement().isInstanceOf(IOException.class);
        assertThat(wire.sent).containsExactly(data("a"));
    }

    @Test
    void aCarrierThatThrowsIsCut() {
        Carrier broken = mock(Carrier.class);
        doThrow(new IllegalStateException("closed")).when(broken).send(any(), any());
        queue.attach(broken);
        queue.send(new Ping(1));
        verify(broken, times(1)).abort();
        assertThat(queue.queued()).isZero();
    }

    @Test
    void tooManyMessagesCutTheCarrier() {
        queue.attach(wire);
        for (int i = 0; i <= SendQueue.MAX_MESSAGES; i++) { // one is on the wire
            queue.send(new Ping(i));
        }
        assertThat(wire.aborted).isFalse();
        Asker waiting = new Asker("w");
        queue.requestTurn(waiting);
        queue.send(new Ping(-1));
        assertThat(wire.aborted).isTrue();
        assertThat(waiting.outcomes).hasSize(1);
        assertThat(queue.queued()).isZero();
    }

    @Test
    void aCutIsToldToWhoeverWatches() {
        AtomicInteger cuts = new AtomicInteger();
        AtomicLong waiting = new AtomicLong();
        SendQueue watched = new SendQueue(new MessageCodec(), handedOver::add, new SendQueue.Watch() {
            @Override
            public void queued(long delta) {
                waiting.addAndGet(delta);
            }

            @Override
            public void choked() {
                cuts.incrementAndGet();
            }
        });
        watched.attach(wire);
        for (int i = 0; i <= SendQueue.MAX_MESSAGES; i++) { // one is on the wire
            watched.send(new Ping(i));
        }
        assertThat(cuts).hasValue(0);
        watched.send(new Ping(-1));
        assertThat(cuts).hasValue(1);
        assertThat(waiting).hasValue(0);
    }

    @Test
    void tooManyBytesCutTheCarrier() {
        queue.attach(wire);
        Refused large = new Refused("x", "y".repeat(100_000), true);
        int fit = SendQueue.MAX_BYTES / 100_100;
        for (int i = 0; i <= fit; i++) {
            queue.send(large);
        }
        assertThat(wire.aborted).isFalse();
        queue.send(large);
        assertThat(wire.aborted).isTrue();
    }

    @Test
    void aCarrierThatCompletesAtOnceNeedsNoStackAndDoesNotHoldAThread() {
        wire.completesAtOnce = true;
        queue.attach(wire);
        Asker tireless = new Asker("x", 100_000);
        queue.requestTurn(tireless);
        int bursts = 0;
        for (Runnable next = handedOver.poll(); next != null; next = handedOver.poll()) {
            next.run();
            bursts++;
        }
        assertThat(tireless.outcomes).hasSize(100_000);
        assertThat(bursts).isEqualTo(100_000 / SendQueue.BATCH);
        assertThat(queue.queued()).isZero();
    }

    @Test
    void aClosedExecutorDoesNotStopTheQueue() {
        SendQueue orphan = new SendQueue(new MessageCodec(), task -> {
            throw new RejectedExecutionException();
        });
        wire.completesAtOnce = true;
        orphan.attach(wire);
        Asker tireless = new Asker("x", 10_000, orphan);
        orphan.requestTurn(tireless);
        assertThat(tireless.outcomes).hasSize(10_000);
    }

    @Test
    void manyThreadsLoseNothing() throws Exception {
        int threads = 4;
        int each = 5_000;
        ExecutorService pool = Executors.newFixedThreadPool(threads + 2);
        try {
            SendQueue shared = new SendQueue(new MessageCodec(), pool);
            AtomicInteger open = new AtomicInteger();
            AtomicInteger frames = new AtomicInteger();
            AtomicInteger worst = new AtomicInteger();
            shared.attach(new Wire() {
                @Override
                public void send(ByteBuffer utf8, Completion completion) {
                    worst.accumulateAndGet(open.incrementAndGet(), Math::max);
                    Runnable done = () -> {
                        frames.incrementAndGet();
                        open.decrementAndGet();
                        completion.succeeded();
                    };
                    if (utf8.hashCode() % 2 == 0) {
                        done.run();
                    } else {
                        pool.execute(done);
                    }
                }
            });
            CountDownLatch told = new CountDownLatch(threads * each);
            for (int t = 0; t < threads; t++) {
                pool.execute(() -> {
                    for (int i = 0; i < each; i++) {
                        shared.requestTurn(new Asker("t") {
                            @Override
                            public void sent(@Nullable Throwable failure) {
                                told.countDown();
                            }
                        });
                    }
                });
            }
            assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(frames).hasValue(threads * each);
            assertThat(worst).hasValue(1);
        } finally {
            pool.shutdownNow();
        }
    }

    private static String ping(int nonce) {
        return "{\"type\":\"ping\",\"nonce\":" + nonce + "}";
    }

    private static String data(String id) {
        return "{\"type\":\"httpresponse\",\"request_id\":\"" + id + "\",\"payload\":\"YQ==\"}";
    }

    /** Asks for a number of turns, one after the other. */
    private class Asker implements Turn {
        final List<@Nullable Throwable> outcomes = new ArrayList<>();
        private final String id;
        private final SendQueue on;
        private int left;

        Asker(String id) {
            this(id, 1);
        }

        Asker(String id, int turns) {
            this(id, turns, queue);
        }

        Asker(String id, int turns, SendQueue on) {
            this.on = on;
            this.id = id;
            this.left = turns;
        }

        @Override
        public @Nullable TunnelMessage next() {
            left--;
            return new HttpResponse(id, ByteBuffer.wrap(new byte[] {'a'}));
        }

        @Override
        public void sent(@Nullable Throwable failure) {
            outcomes.add(failure);
            if (left > 0 && failure == null) {
                on.requestTurn(this);
            }
        }
    }

    /** A carrier that completes when the test says so. */
    private static class Wire implements Carrier {
        final List<String> sent = new ArrayList<>();
        ByteBuffer frame = ByteBuffer.allocate(0);
        Completion outstanding = Completion.IGNORE;
        boolean aborted;
        boolean completesAtOnce;

        @Override
        public void send(ByteBuffer utf8, Completion completion) {
            if (completesAtOnce) {
                completion.succeeded();
                return;
            }
            assertThat(outstanding).isSameAs(Completion.IGNORE);
            frame = utf8;
            sent.add(UTF_8.decode(utf8.duplicate()).toString());
            outstanding = completion;
        }

        void complete() {
            Completion done = outstanding;
            outstanding = Completion.IGNORE;
            done.succeeded();
        }

        void completeAll() {
            while (outstanding != Completion.IGNORE) {
                complete();
            }
        }

        @Override
        public void close(int code, String reason) {}

        @Override
        public void abort() {
            aborted = true;
        }
    }
}
