package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.tunnel.TlsKeys;
import io.culvert.tunnel.TunnelRelay;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The admin port of a relay that speaks TLS. */
class AdminTlsTest {
    private static final String TOKEN = "0123456789abcdef";

    @TempDir
    private Path directory;

    private TunnelRelay relay(TestCertificate certificate, String bind) {
        return TunnelRelay.builder()
                .tls(TlsKeys.pem(certificate.chain(), certificate.key()))
                .admin(admin -> admin.bind(bind).token(TOKEN).page("/page", "text/plain", () -> "seen"))
                .start();
    }

    private static HttpResponse<String> get(HttpClient client, String scheme, TunnelRelay relay, String path)
            throws IOException, InterruptedException {
        int port = relay.adminUri().orElseThrow().getPort();
        HttpRequest request = HttpRequest.newBuilder(URI.create(scheme + "://127.0.0.1:" + port + path))
                .header("Authorization", "Bearer " + TOKEN)
                .header("Origin", scheme + "://127.0.0.1:" + port)
                .build();
        return client.send(request, BodyHandlers.ofString());
    }

    @Test
    void itsTokenTravelsInTlsBeyondLoopback() throws Exception {
        TestCertificate certificate = TestCertificate.of(directory, "relay", "DNS:localhost,IP:127.0.0.1");
        HttpClient client =
                HttpClient.newBuilder().sslContext(certificate.context()).build();
        try (TunnelRelay relay = relay(certificate, "0.0.0.0")) {
            assertThat(relay.adminUri().orElseThrow()).hasScheme("https");
            assertThat(get(client, "https", relay, "/page").body()).isEqualTo("seen");
            assertThatThrownBy(() -> get(client, "http", relay, "/page")).isInstanceOf(IOException.class);
        }
    }

    @Test
    void onLoopbackItSpeaksWithout() throws Exception {
        TestCertificate certificate = TestCertificate.of(directory, "relay", "DNS:localhost,IP:127.0.0.1");
        try (TunnelRelay relay = relay(certificate, "127.0.0.1")) {
            assertThat(get(HttpClient.newHttpClient(), "http", relay, "/page").body())
                    .isEqualTo("seen");
        }
    }
}
