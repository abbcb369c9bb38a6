package io.culvert.tunnel.e2e.junit;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.testkit.fault.StreamFaults;
import io.culvert.tunnel.testkit.junit.Exposed;
import io.culvert.tunnel.testkit.junit.InjectTunnel;
import io.culvert.tunnel.testkit.recording.Recorder;
import java.net.URI;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The annotated way, with an application for each test. */
abstract class AnnotationCases {
    private HttpServer application;

    @Exposed
    private int port;

    @InjectTunnel
    private URI url;

    @InjectTunnel
    private StreamFaults faults;

    @BeforeEach
    void start() {
        assertThat(url).isNull(); // nobody knows the port yet
        assertThat(faults).isNotNull();
        application = Applications.hello();
        port = application.getAddress().getPort();
    }

    @AfterEach
    void stop() {
        application.stop(0);
    }

    abstract String transport();

    @Test
    void aParameterAndAFieldHaveTheSameTunnel(URI parameter, Tunnel tunnel, Recorder recorder, TunnelRelay relay)
            throws Exception {
        assertThat(parameter).isEqualTo(url).isEqualTo(tunnel.publicUrl());
        assertThat(tunnel.transport()).isEqualTo(transport());
        assertThat(Applications.get(url.resolve("/x")).body()).contains("/x");
        assertThat(recorder.awaitRequest("GET", "/x").tunnel()).isEqualTo(tunnel.name());
        assertThat(relay.tunnels()).containsOnlyKeys(tunnel.name());
    }

    @Test
    void faultsBreakAnAnswer() {
        faults.onNextRequest().reset();
        assertThat(faults).asString().contains("reset on the next request");
    }

    @Test
    void faultsOfOtherTestsAreGone() throws Exception {
        assertThat(faults).asString().contains("in force: []");
        assertThat(Applications.get(url).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a", "/b"})
    void parametersMix(URI path, @InjectTunnel URI parameter, Recorder recorder) throws Exception {
        assertThat(Applications.get(parameter.resolve(path)).statusCode()).isEqualTo(200);
        recorder.awaitRequest("GET", path.getPath());
        assertThat(recorder.exchanges()).hasSize(1);
    }

    @Test
    void whatATestExposesItCloses(TunnelAgent agent) throws Exception {
        try (Tunnel other = agent.expose(TunnelSpec.port(port))) {
            assertThat(Applications.get(other.publicUrl()).statusCode()).isEqualTo(200);
        }
    }

    @Nested
    class Inside {
        @Test
        void nestedTestsHaveTheTunnelOfTheClassAroundThem(URI parameter) throws Exception {
            assertThat(parameter).isEqualTo(url);
            assertThat(Applications.get(parameter).statusCode()).isEqualTo(200);
        }
    }
}
