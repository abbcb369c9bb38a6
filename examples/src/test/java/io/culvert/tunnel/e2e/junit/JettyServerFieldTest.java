package io.culvert.tunnel.e2e.junit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.testkit.junit.Exposed;
import io.culvert.tunnel.testkit.junit.TunnelTest;
import java.net.URI;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.TestInfo;

/** A Jetty server in a field, without a port, that outlives the tunnels of its tests. */
@TunnelTest
class JettyServerFieldTest {
    private static final Server APPLICATION = new Server();

    @Exposed
    private final Server application = APPLICATION;

    @BeforeAll
    static void start() throws Exception {
        APPLICATION.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                response.write(true, UTF_8.encode(request.getHttpURI().getPath()), callback);
                return true;
            }
        });
        APPLICATION.start();
    }

    @AfterAll
    static void stop() throws Exception {
        assertThat(APPLICATION.getConnectors()).isEmpty();
        APPLICATION.stop();
    }

    @AfterEach
    void stillRuns() {
        assertThat(application.isRunning()).isTrue();
    }

    @RepeatedTest(3)
    void requestsReachIt(URI url, TestInfo info) throws Exception {
        assertThat(Applications.get(url.resolve("/here")).body()).isEqualTo("/here");
        assertThat(application.getConnectors()).as(info.getDisplayName()).hasSize(1);
    }
}
