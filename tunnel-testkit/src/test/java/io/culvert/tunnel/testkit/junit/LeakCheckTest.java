package io.culvert.tunnel.testkit.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.core.memory.MemoryTransportProvider;
import io.culvert.tunnel.spi.AgentContext;
import io.culvert.tunnel.spi.AgentTransport;
import io.culvert.tunnel.spi.RelayContext;
import io.culvert.tunnel.spi.RelayTransport;
import io.culvert.tunnel.spi.StreamService;
import io.culvert.tunnel.spi.TransportProvider;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests that leak on purpose go red, and no others. */
class LeakCheckTest {
    private static CountDownLatch leaky = new CountDownLatch(1);

    @BeforeEach
    void renew() {
        leaky = new CountDownLatch(1);
    }

    @AfterEach
    void release() {
        leaky.countDown();
    }

    @TunnelTest(transport = "memory")
    static class LeaksAStream {
        @Exposed
        private final StreamService application = new Echo();

        @Test
        void forgets(URI url) throws Exception {
            MemoryNetwork.SHARED.visit(url, StreamKind.UPGRADE);
        }

        @Test
        void uses(URI url) {}
    }

    @Test
    void anUpgradedConnectionIsNamedWithItsTest() {
        Run run = Run.impatient(LeaksAStream.class);
        assertThat(run.failure())
                .startsWith("forgets(URI): LeaksAStream.forgets(URI) left something open behind its tunnel:\n"
                        + "  - an upgraded connection through tunnel ")
                .contains(", opened during LeaksAStream.forgets(URI): close it");
        assertThat(run.succeeded()).isEqualTo(1);
    }

    @TunnelTest(transport = "memory", leakCheck = false)
    static class LeaksAndSaysSo extends LeaksAStream {}

    @Test
    void theCheckCanBeSwitchedOff() {
        assertThat(Run.of(LeaksAndSaysSo.class).failures()).isEmpty();
    }

    @TunnelTest(transport = "memory")
    static class LeaksATunnel {
        @Exposed
        private static final StreamService application = new Echo();

        @Test
        void forgets(TunnelAgent agent) {
            agent.expose(TunnelSpec.builder(new Echo()).build());
        }

        @Test
        void closes(TunnelAgent agent) {
            try (Tunnel tunnel = agent.expose(TunnelSpec.builder(new Echo()).build())) {
                assertThat(tunnel.publicUrl()).isNotNull();
            }
        }
    }

    @Test
    void aTunnelIsNamedWithTheLineThatExposedIt() {
        Run run = Run.impatient(LeaksATunnel.class);
        assertThat(run.failure())
                .startsWith("LeakCheckTest$LeaksATunnel: LeaksATunnel left something open behind its tunnel:\n"
                        + "  - the tunnel http://127.0.0.1:")
                .containsPattern("which .*LeaksATunnel.forgets\\(LeakCheckTest.java:\\d+\\) exposed: close it");
        assertThat(run.succeeded()).isEqualTo(2);
    }

    /** A transport that forgets a thread. */
    private static final class LeakyTransport implements TransportProvider {
        private final TransportProvider memory = new MemoryTransportProvider();

        @Override
        public String name() {
            return memory.name();
        }

        @Override
        public RelayTransport relayHalf(RelayContext context) {
            CountDownLatch until = leaky;
            context.scheduler().execute(() -> {
                Thread thread = new Thread(() -> await(until), "leaky-transport");
                thread.setDaemon(true);
                thread.start();
            });
            return memory.relayHalf(context);
        }

        private static void await(CountDownLatch until) {
            try {
                until.await();
            } catch (InterruptedException x) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public AgentTransport agentHalf(AgentContext context) {
            return memory.agentHalf(context);
        }
    }

    static class LeaksAThread {
        @RegisterExtension
        private final TunnelExtension tunnel = TunnelExtension.builder()
                .transport("memory")
                .relay(relay -> relay.transport(new LeakyTransport()))
                .expose(() -> 1)
                .build();

        @Test
        void any() {
            assertThat(tunnel.uri()).isNotNull();
        }
    }

    @Test
    void aThreadIsNamedWithWhatItDoes() {
        assertThat(Run.impatient(LeaksAThread.class).failure())
                .contains("the thread 'leaky-transport', still alive after relay and agent were closed")
                .contains("CountDownLatch.await");
    }

    @TunnelTest(transport = "memory")
    static class LeaksNothing {
        @Exposed
        private final StreamService application = new Echo();

        @RepeatedTest(8)
        void visits(URI url) throws Exception {
            MemoryNetwork.SHARED.visit(url, StreamKind.UPGRADE).close();
        }
    }

    @Test
    void onlyTheOnesThatLeakAreBlamedAmongManyAtOnce() {
        Run run = Run.parallel(16, LeaksNothing.class, LeaksAThread.class, LeaksAStream.class);
        List<String> blamed = run.failures().stream()
                .map(failure -> failure.substring(0, failure.indexOf(':')))
                .sorted()
                .toList();
        assertThat(blamed).containsExactly("any()", "forgets(URI)");
        assertThat(run.succeeded()).isEqualTo(9);
    }
}
