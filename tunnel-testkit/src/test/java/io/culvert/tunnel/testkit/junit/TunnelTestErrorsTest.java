package io.culvert.tunnel.testkit.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.spi.StreamService;
import io.culvert.tunnel.testkit.fault.FaultRelay;
import java.net.URI;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a test class can get wrong is told in a sentence. */
class TunnelTestErrorsTest {
    @TunnelTest(transport = "memory")
    static class TooEarly {
        @Exposed
        private int port;

        @BeforeEach
        void start(URI url) {}

        @Test
        void test() {}
    }

    @TunnelTest(transport = "memory")
    static class Unset {
        @Exposed
        private Supplier<Object> port;

        @InjectTunnel
        private URI url;

        @Test
        void test() {}
    }

    @Test
    void whatIsNotKnownYetIsNamed() {
        assertThat(Run.of(TooEarly.class).failure())
                .contains("@Exposed int port of TooEarly has no value yet, but its tunnel is asked for. Set it where");
        assertThat(Run.of(Unset.class).failure()).contains("@Exposed Supplier port of Unset has no value yet");
    }

    @TunnelTest(transport = "memory")
    static class Several {
        @Exposed
        private final StreamService one = new Echo();

        @Exposed("second")
        private final StreamService other = new Echo();

        @Test
        void whichOne(URI url) {}
    }

    @TunnelTest(transport = "memory")
    static class Misnamed {
        @Exposed
        private final StreamService one = new Echo();

        @Test
        void misnamed(@InjectTunnel("two") URI url) {}
    }

    @TunnelTest(transport = "memory")
    static class Twice {
        @Exposed("a")
        private final StreamService one = new Echo();

        @Exposed("a")
        private final StreamService other = new Echo();

        @Test
        void test(URI url) {}
    }

    @TunnelTest(transport = "memory")
    static class Nothing {
        @Test
        void nothing(Tunnel tunnel) {}
    }

    @Test
    void namesAreChecked() {
        assertThat(Run.of(Several.class).failure())
                .contains(
                        "Several things of Several.whichOne(URI) are exposed: say which is meant, one of one, second.");
        assertThat(Run.of(Misnamed.class).failure()).contains("is exposed as 'two', only one.");
        assertThat(Run.of(Twice.class).failure()).contains("Two things of Twice.test(URI) are exposed as 'a'.");
        assertThat(Run.of(Nothing.class).failure()).contains("Mark a field with @Exposed");
    }

    @TunnelTest(transport = "memory")
    static class WrongThing {
        @Exposed
        private final Thread thing = new Thread();

        @Test
        void test(URI url) {}
    }

    @TunnelTest(transport = "memory")
    static class WrongField {
        @InjectTunnel
        private String url;

        @Test
        void test() {}
    }

    @TunnelTest(transport = "memory")
    static class FinalField {
        @Exposed
        private final StreamService one = new Echo();

        @InjectTunnel
        private final URI url = null;

        @Test
        void test() {}
    }

    @Test
    void typesAreChecked() {
        assertThat(Run.of(WrongThing.class).failure())
                .contains("@Exposed Thread thing of WrongThing is of the type java.lang.Thread, which has no port");
        assertThat(Run.of(WrongField.class).failure())
                .contains("The field url of WrongField is marked with @InjectTunnel, but its type is none that can be");
        assertThat(Run.of(FinalField.class).failure()).contains("must not be final");
    }

    @TunnelTest(transport = "memory")
    static class GoodNetwork {
        @Test
        void test(FaultRelay relay) {}
    }

    @Test
    void aBadNetworkHasToBeAskedFor() {
        assertThat(Run.of(GoodNetwork.class).failure())
                .contains("there is neither a FaultRelay nor a FaultProxy. Ask for them with @TunnelTest(badNetwork");
    }

    @TunnelTest(transport = "memory")
    static class BeforeTheTests {
        @Exposed
        private final StreamService one = new Echo();

        @BeforeAll
        static void before(URI url) {}

        @Test
        void test() {}
    }

    @Test
    void aClassCannotHaveWhatBelongsToATest() {
        assertThat(Run.of(BeforeTheTests.class).failure()).contains("each test of BeforeTheTests has its own");
    }

    @TunnelTest(transport = "tcp")
    static class MissingTransport {
        @Exposed
        private final StreamService one = new Echo();

        @Test
        void test(URI url) {}
    }

    @TunnelTest
    static class NoTransport {
        @Exposed
        private final StreamService one = new Echo();

        @Test
        void test(URI url) {}
    }

    @Test
    void aMissingTransportIsNamedWithItsArtifact() {
        assertThat(Run.of(MissingTransport.class).failure())
                .contains("The transport 'tcp' is not present. Add the dependency io.culvert:transport-tcp.");
        assertThat(Run.of(NoTransport.class).failure())
                .contains("No transport is present. Add the dependency io.culvert:transport-tcp.");
    }
}
