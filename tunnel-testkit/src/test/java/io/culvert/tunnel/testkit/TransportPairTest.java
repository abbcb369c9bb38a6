package io.culvert.tunnel.testkit;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.core.memory.MemoryTransportProvider;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.spi.AgentContext;
import io.culvert.tunnel.spi.AgentTransport;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.RelayContext;
import io.culvert.tunnel.spi.RelayTransport;
import io.culvert.tunnel.spi.TransportProvider;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The pair finds what a transport leaves behind. */
class TransportPairTest {
    /** For what would be waited for in vain. */
    private static final Duration SHORT = Duration.ofSeconds(1);

    private final CountDownLatch testIsOver = new CountDownLatch(1);

    @Test
    void aTransportThatCleansUpPasses() {
        assertThatCode(() -> leftBy(relay -> {})).doesNotThrowAnyException();
    }

    @Test
    void creditThatIsNotReleased() {
        assertThatThrownBy(() -> leftBy(SHORT, relay -> relay.reserveCredit(5)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("Credit is still reserved: relay 5");
    }

    @Test
    void aThread() {
        assertThatThrownBy(() -> leftBy(SHORT, relay -> {
                    Thread thread = new Thread(this::untilTheTestIsOver, "leaked");
                    thread.setDaemon(true);
                    thread.start();
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("Threads are left")
                .hasMessageContaining("leaked");
        testIsOver.countDown();
    }

    @Test
    void aMessageForNoStream() {
        assertThatThrownBy(() -> leftBy(relay -> relay.strayMessage("nosuch")))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("not open");
    }

    @Test
    void aBrokenProtocol() {
        assertThatThrownBy(() -> leftBy(relay -> relay.protocolError("broken")))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("broken");
    }

    @Test
    void aStreamThatStaysOpen() {
        TransportPair.Builder builder = TransportPair.of(new Misbehaving(relay -> {}, false));
        builder.patience = SHORT;
        TransportPair pair = builder.build();
        pair.connect(StreamKind.HTTP);
        assertThatThrownBy(pair::close).isInstanceOf(AssertionError.class).hasMessageContaining("still open");
    }

    private static void leftBy(Consumer<RelayContext> misdeed) {
        leftBy(Await.PATIENCE, misdeed);
    }

    private static void leftBy(Duration patience, Consumer<RelayContext> misdeed) {
        TransportPair.Builder builder = TransportPair.of(new Misbehaving(misdeed, true));
        builder.patience = patience;
        TransportPair pair = builder.build();
        pair.connect(StreamKind.HTTP);
        pair.close();
    }

    private void untilTheTestIsOver() {
        try {
            testIsOver.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The transport in memory, with a misdeed when it starts; it may also forget to close. */
    private static final class Misbehaving implements TransportProvider {
        private final TransportProvider memory = new MemoryTransportProvider();
        private final Consumer<RelayContext> misdeed;
        private final boolean closes;

        Misbehaving(Consumer<RelayContext> misdeed, boolean closes) {
            this.misdeed = misdeed;
            this.closes = closes;
        }

        @Override
        public String name() {
            return "misbehaving";
        }

        @Override
        public RelayTransport relayHalf(RelayContext context) {
            misdeed.accept(context);
            RelayTransport half = memory.relayHalf(context);
            return new RelayTransport() {
                @Override
                public CompletableFuture<DataStream> open(StreamKind kind, String tunnel) {
                    return half.open(kind, tunnel);
                }

                @Override
                public void onMessage(TunnelMessage message) {
                    half.onMessage(message);
                }

                @Override
                public void onControlLost() {}

                @Override
                public void onControlRestored() {}

                @Override
                public void close() {
                    if (closes) {
                        half.close();
                    }
                }
            };
        }

        @Override
        public AgentTransport agentHalf(AgentContext context) {
            AgentTransport half = memory.agentHalf(context);
            return new AgentTransport() {
                @Override
                public void onMessage(TunnelMessage message) {
                    half.onMessage(message);
                }

                @Override
                public void onControlLost() {}

                @Override
                public void onControlRestored() {}

                @Override
                public void close() {
                    if (closes) {
                        half.close();
                    }
                }
            };
        }
    }
}
