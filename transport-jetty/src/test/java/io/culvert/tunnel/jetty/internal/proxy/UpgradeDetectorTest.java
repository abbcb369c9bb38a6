package io.culvert.tunnel.jetty.internal.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.jetty.internal.proxy.UpgradeDetector.Ask;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpVersion;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9110, section 7.8, and RFC 6455, section 4. */
class UpgradeDetectorTest {
    private static final String KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==|Sec-WebSocket-Version: 13";

    @ParameterizedTest(name = "{0}: {4}")
    @CsvSource(
            delimiter = ';',
            nullValues = "-",
            value = {
                "the usual handshake; GET; HTTP/1.1; Upgrade: websocket|Connection: Upgrade|KEY; UPGRADE",
                "letters of any case; GET; HTTP/1.1; UPGRADE: WebSocket|connection: uPGRADE|KEY; UPGRADE",
                "a list in Connection; GET; HTTP/1.1; Upgrade: websocket|Connection: keep-alive, Upgrade|KEY; UPGRADE",
                "a split Connection; GET; HTTP/1.1; Upgrade: websocket|Connection: keep-alive|Connection: Upgrade|KEY; UPGRADE",
                "a list in Upgrade; GET; HTTP/1.1; Upgrade: h2c, websocket|Connection: Upgrade|KEY; UPGRADE",
                "a split Upgrade; GET; HTTP/1.1; Upgrade: h2c|Upgrade: websocket|Connection: Upgrade|KEY; UPGRADE",
                "no key; GET; HTTP/1.1; Upgrade: websocket|Connection: Upgrade|Sec-WebSocket-Version: 13; UPGRADE",
                "another version; GET; HTTP/1.1; Upgrade: websocket|Connection: Upgrade|Sec-WebSocket-Version: 8; UPGRADE",
                "nothing of a WebSocket; GET; HTTP/1.1; Upgrade: websocket|Connection: Upgrade; UPGRADE",
                "an empty body; GET; HTTP/1.1; Upgrade: websocket|Connection: Upgrade|KEY|Content-Length: 0; UPGRADE",
                "a body; GET; HTTP/1.1; Upgrade: websocket|Connection: Upgrade|KEY|Content-Length: 3; UPGRADE_WITH_BODY",
                "chunks; GET; HTTP/1.1; Upgrade: websocket|Connection: Upgrade|KEY|Transfer-Encoding: chunked; UPGRADE_WITH_BODY",
                "no Connection; GET; HTTP/1.1; Upgrade: websocket|KEY; NOTHING",
                "Connection without upgrade; GET; HTTP/1.1; Upgrade: websocket|Connection: keep-alive|KEY; NOTHING",
                "part of a word; GET; HTTP/1.1; Upgrade: websocket|Connection: xUpgrade|KEY; NOTHING",
                "no Upgrade; GET; HTTP/1.1; Connection: Upgrade|KEY; NOTHING",
                "an empty Upgrade; GET; HTTP/1.1; Upgrade:|Connection: Upgrade|KEY; NOTHING",
                "h2c; GET; HTTP/1.1; Upgrade: h2c|Connection: Upgrade, HTTP2-Settings; NOTHING",
                "TLS; GET; HTTP/1.1; Upgrade: TLS/1.3|Connection: Upgrade; NOTHING",
                "culvert; GET; HTTP/1.1; Upgrade: culvert|Connection: Upgrade; NOTHING",
                "a name that begins so; GET; HTTP/1.1; Upgrade: websocket2|Connection: Upgrade|KEY; NOTHING",
                "POST; POST; HTTP/1.1; Upgrade: websocket|Connection: Upgrade|KEY; NOTHING",
                "POST with a body; POST; HTTP/1.1; Upgrade: websocket|Connection: Upgrade|KEY|Content-Length: 3; NOTHING",
                "HEAD; HEAD; HTTP/1.1; Upgrade: websocket|Connection: Upgrade|KEY; NOTHING",
                "get in lower case; get; HTTP/1.1; Upgrade: websocket|Connection: Upgrade|KEY; NOTHING",
                "HTTP/1.0; GET; HTTP/1.0; Upgrade: websocket|Connection: Upgrade|KEY; NOTHING",
                "no fields; GET; HTTP/1.1; -; NOTHING",
            })
    void detects(String name, String method, String version, String fields, Ask expected) {
        HttpFields.Mutable built = HttpFields.build();
        if (fields != null) {
            for (String field : fields.replace("KEY", KEY).split("\\|")) {
                String[] parts = field.split(":", 2);
                built.add(parts[0].trim(), parts[1].trim());
            }
        }
        long length = built.getLongField("Content-Length");
        assertThat(UpgradeDetector.detect(method, HttpVersion.fromString(version), built, length))
                .isEqualTo(expected);
    }
}
