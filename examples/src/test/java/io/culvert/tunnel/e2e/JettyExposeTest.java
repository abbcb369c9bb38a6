package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.jetty.JettyTunnels;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.Test;

/** A Jetty server exposed in one call. */
class JettyExposeTest {
    @Test
    void everythingGoesWithTheTunnelButTheServer() throws Exception {
        Leaks leaks = Leaks.from();
        Server server = new Server();
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                Content.Sink.write(response, true, "hello", callback);
                return true;
            }
        });
        try (Tunnel tunnel = JettyTunnels.expose(server)) {
            String get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
            try (RawHttp visitor = RawHttp.connect(tunnel.publicUrl().getPort())) {
                assertThat(visitor.send(get).readResponse().status()).isEqualTo(502);
                server.start();
                assertThat(visitor.send(get).readResponse().text()).isEqualTo("hello");
            }
        }
        assertThat(server.getConnectors()).isEmpty();
        assertThat(server.isRunning()).isTrue();
        server.stop();
        leaks.assertNone(0);
    }
}
