package io.culvert.tunnel.testkit.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.spi.StreamService;
import io.culvert.tunnel.testkit.StreamProbe;
import io.culvert.tunnel.testkit.fault.StreamFaults;
import io.culvert.tunnel.testkit.recording.Recorder;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The annotation, by test classes that are run inside each test. */
class TunnelTestTest {
    private static final Queue<URI> SEEN = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void forget() {
        SEEN.clear();
    }

    /** Sends something there and back. */
    private static void visit(URI url) throws Exception {
        SEEN.add(url);
        StreamProbe visitor = new StreamProbe(MemoryNetwork.SHARED.visit(url, StreamKind.UPGRADE));
        visitor.write(new byte[] {1, 2, 3});
        assertThat(visitor.readBytes(3)).containsExactly(1, 2, 3);
        visitor.stream().end();
        visitor.expectEnd();
    }

    private static void assertClosed() {
        assertThat(SEEN).isNotEmpty().noneMatch(url -> MemoryNetwork.SHARED.listens(url.getPort()));
    }

    @TunnelTest(transport = "memory")
    static class ForEach {
        @Exposed
        private final StreamService application = new Echo();

        @InjectTunnel
        private URI field;

        @InjectTunnel
        private static TunnelRelay lastRelay;

        @BeforeEach
        void beforeEach(URI parameter) {
            assertThat(field).isEqualTo(parameter); // known from the beginning
        }

        @Test
        void one(
                URI parameter,
                Tunnel tunnel,
                TunnelRelay relay,
                TunnelAgent agent,
                StreamFaults faults,
                Recorder recorder)
                throws Exception {
            assertThat(List.of(parameter, tunnel, relay, agent, faults, recorder))
                    .doesNotContainNull();
            assertThat(tunnel.publicUrl()).isEqualTo(parameter).isEqualTo(field);
            assertThat(relay).isSameAs(lastRelay);
            visit(parameter);
        }

        @Test
        void other() throws Exception {
            visit(field);
        }
    }

    @Test
    void anInstanceFieldGivesEachTestItsOwn() {
        Run run = Run.of(ForEach.class);
        assertThat(run.failures()).isEmpty();
        assertThat(run.succeeded()).isEqualTo(2);
        assertThat(new HashSet<>(SEEN)).hasSize(2);
        assertClosed();
    }

    @TunnelTest(transport = "memory")
    static class ForAll {
        @Exposed
        private static StreamService application;

        @InjectTunnel
        private static URI shared;

        @BeforeAll
        static void start() {
            assertThat(shared).isNull();
            application = new Echo();
        }

        @RepeatedTest(2)
        void repeated(URI parameter) throws Exception {
            assertThat(parameter).isEqualTo(shared);
            visit(parameter);
        }

        @ParameterizedTest
        @ValueSource(strings = "http://argument")
        void parameterized(URI argument, @InjectTunnel URI parameter) throws Exception {
            assertThat(argument).hasHost("argument");
            visit(parameter);
        }

        @Nested
        class Inside {
            @InjectTunnel
            private URI field;

            @Test
            void seesTheTunnelOfTheClassAroundIt(URI parameter) throws Exception {
                assertThat(parameter).isEqualTo(shared).isEqualTo(field);
                visit(parameter);
            }
        }

        @Nested
        class WithMore {
            @Exposed("more")
            private final StreamService own = new Echo();

            @Test
            void hasBoth(@InjectTunnel("application") URI first, @InjectTunnel("more") Tunnel second) throws Exception {
                assertThat(second.name()).isEqualTo("more");
                visit(second.publicUrl());
                assertThat(first).isNotEqualTo(shared);
            }
        }
    }

    @Test
    void aStaticFieldIsSharedAndNestedClassesMayAdd() {
        ForAll.application = null;
        ForAll.shared = null;
        Run run = Run.of(ForAll.class);
        assertThat(run.failures()).isEmpty();
        assertThat(run.succeeded()).isEqualTo(5);
        assertThat(new HashSet<>(SEEN)).hasSize(2);
        assertClosed();
    }

    @Retention(RetentionPolicy.RUNTIME)
    @TunnelTest(transport = "memory")
    @interface OurTunnelTest {}

    @OurTunnelTest
    abstract static class Inherited {
        @Exposed
        private final StreamService application = new Echo();

        @Nested
        class Inside {
            @Test
            void nested(URI parameter) throws Exception {
                visit(parameter);
            }
        }
    }

    @TestInstance(Lifecycle.PER_CLASS)
    static class PerClass extends Inherited {
        @BeforeAll
        void before(URI parameter) throws Exception {
            visit(parameter);
        }

        @Test
        void one(URI parameter) throws Exception {
            visit(parameter);
        }

        @Test
        void other(URI parameter) throws Exception {
            visit(parameter);
        }
    }

    @Test
    void theLifeCycleOfAClassSharesItsInstanceFields() {
        Run run = Run.of(PerClass.class);
        assertThat(run.failures()).isEmpty();
        assertThat(run.succeeded()).isEqualTo(3);
        assertThat(new HashSet<>(SEEN)).hasSize(1);
        assertClosed();
    }

    @TunnelTest(transport = "memory")
    static class AtOnce {
        private static final int TESTS = 16;
        private static final CyclicBarrier ALL = new CyclicBarrier(TESTS);

        @Exposed
        private final Supplier<StreamService> application = Echo::new;

        @RepeatedTest(TESTS)
        void together(URI url, StreamFaults faults) throws Exception {
            assertThat(faults).asString().contains("[]");
            faults.onNextRequest().reset();
            ALL.await(30, TimeUnit.SECONDS);
            visit(url);
        }
    }

    @Test
    void sixteenTestsAtOnceHaveATunnelEach() {
        Run run = Run.parallel(AtOnce.TESTS, AtOnce.class);
        assertThat(run.failures()).isEmpty();
        assertThat(run.succeeded()).isEqualTo(AtOnce.TESTS);
        assertThat(new HashSet<>(SEEN)).hasSize(AtOnce.TESTS);
        assertClosed();
    }

    @TunnelTest(transport = "memory")
    static class Servers {
        private static final Echo.Server SERVER = new Echo.Server();

        @Exposed
        private final Echo.Server server = SERVER;

        @RepeatedTest(2)
        void aServerObject(URI url) throws Exception {
            assertThat(SERVER.connected).hasValue(1);
            visit(url);
        }
    }

    @Test
    void aServerThatTheNetworkKnowsIsToldWhenItsTunnelIsOver() {
        assertThat(Run.of(Servers.class).failures()).isEmpty();
        assertThat(Servers.SERVER.connected).hasValue(0);
    }

    @TunnelTest(transport = "memory")
    static class FaultsStay {
        @Exposed
        private static final StreamService application = new Echo();

        private static final List<String> FORCED = new ArrayList<>();

        @RepeatedTest(2)
        void force(StreamFaults faults, Recorder recorder) {
            FORCED.add(faults.toString());
            faults.onStreams("nobody").stall();
            assertThat(recorder.exchanges()).isEmpty();
        }
    }

    @Test
    void faultsAreLiftedBeforeEachTest() {
        FaultsStay.FORCED.clear();
        assertThat(Run.of(FaultsStay.class).failures()).isEmpty();
        assertThat(FaultsStay.FORCED).hasSize(2).allMatch(forced -> forced.contains("[]"));
    }

    @TunnelTest(transport = "memory", seed = 42)
    static class Seeded {
        @Test
        void seed(StreamFaults faults) {
            assertThat(faults.seed()).isEqualTo(42);
        }
    }

    @Test
    void aSeedIsAnOption() {
        assertThat(Run.of(Seeded.class).failures()).isEmpty();
    }
}
