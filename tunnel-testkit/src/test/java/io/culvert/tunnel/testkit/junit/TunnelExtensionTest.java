package io.culvert.tunnel.testkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelRelay;
import java.net.URI;
import java.util.HashSet;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The extension with a builder, by test classes that are run inside each test. */
class TunnelExtensionTest {
    private static final Queue<URI> SEEN = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void forget() {
        SEEN.clear();
    }

    private static TunnelExtension extension() {
        return TunnelExtension.builder().transport("memory").expose(Echo::new).build();
    }

    private static void assertClosed() {
        assertThat(SEEN).isNotEmpty().noneMatch(url -> MemoryNetwork.SHARED.listens(url.getPort()));
    }

    static class ForAll {
        @RegisterExtension
        static final TunnelExtension tunnel = extension();

        @BeforeAll
        static void before() {
            SEEN.add(tunnel.uri());
        }

        @AfterAll
        static void after() {
            SEEN.add(tunnel.uri());
        }

        @Test
        void one(URI parameter) {
            SEEN.add(parameter);
        }

        @Test
        void other() {
            SEEN.add(tunnel.tunnel().publicUrl());
        }

        @Nested
        class Inside {
            @Test
            void nested(Tunnel parameter) {
                SEEN.add(parameter.publicUrl());
            }
        }
    }

    @Test
    void aStaticFieldIsSharedByAll() {
        Run run = Run.of(ForAll.class);
        assertThat(run.failures()).isEmpty();
        assertThat(run.succeeded()).isEqualTo(3);
        assertThat(SEEN).hasSize(5);
        assertThat(new HashSet<>(SEEN)).hasSize(1);
        assertClosed();
        assertThatThrownBy(ForAll.tunnel::uri)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("The tunnel is there while tests run");
    }

    static class ForEach {
        @RegisterExtension
        final TunnelExtension tunnel = extension();

        @Test
        void one() {
            SEEN.add(tunnel.uri());
        }

        @Test
        void other() {
            SEEN.add(tunnel.uri());
        }
    }

    @TestInstance(Lifecycle.PER_CLASS)
    static class PerClass extends ForEach {}

    @Test
    void anInstanceFieldBelongsToWhatTheInstanceBelongsTo() {
        assertThat(Run.of(ForEach.class).failures()).isEmpty();
        assertThat(new HashSet<>(SEEN)).hasSize(2);
        assertClosed();
        SEEN.clear();
        assertThat(Run.of(PerClass.class).failures()).isEmpty();
        assertThat(SEEN).hasSize(2);
        assertThat(new HashSet<>(SEEN)).hasSize(1);
        assertClosed();
    }

    abstract static class Base {
        private static final CyclicBarrier BOTH = new CyclicBarrier(2);

        @RegisterExtension
        static final TunnelExtension tunnel = extension();

        @Test
        void test() throws Exception {
            BOTH.await(30, TimeUnit.SECONDS);
            SEEN.add(tunnel.uri());
            BOTH.await(30, TimeUnit.SECONDS);
        }
    }

    static class First extends Base {}

    static class Second extends Base {}

    @Test
    void classesThatInheritAStaticFieldShareItWhileTheyRunAtOnce() {
        assertThat(Run.parallel(4, First.class, Second.class).failures()).isEmpty();
        assertThat(SEEN).hasSize(2);
        assertThat(new HashSet<>(SEEN)).hasSize(1);
        assertClosed();
    }

    static class Ports {
        private static int port;

        @RegisterExtension
        static final TunnelExtension tunnel = TunnelExtension.builder()
                .transport("memory")
                .expose(() -> port)
                .expose("admin", () -> 4000)
                .build();

        @Test
        void aPortThatChangesGetsANewTunnel(TunnelRelay relay) {
            URI before = tunnel.uri();
            assertThat(tunnel.uri()).isEqualTo(before);
            URI admin = tunnel.uri("admin");
            port = 3001;
            URI after = tunnel.uri();
            assertThat(after).isNotEqualTo(before);
            assertThat(MemoryNetwork.SHARED.listens(before.getPort())).isFalse();
            assertThat(relay.tunnels().values()).containsExactlyInAnyOrder(after, admin);
            port = 0;
            assertThat(tunnel.uri()).isEqualTo(after); // gone for now
        }
    }

    @Test
    void portsMayChange() {
        Ports.port = 3000;
        assertThat(Run.of(Ports.class).failures()).isEmpty();
    }
}
