package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A visitor whose TCP connection and TLS can be closed apart. */
final class TlsVisitor implements AutoCloseable {
    final Socket tcp;
    final SSLSocket tls;

    TlsVisitor(SSLContext context, URI url, String... protocols) throws IOException {
        tcp = new Socket("127.0.0.1", url.getPort());
        tls = (SSLSocket) context.getSocketFactory().createSocket(tcp, url.getHost(), url.getPort(), false);
        if (protocols.length > 0) {
            tls.setEnabledProtocols(protocols);
        }
        tls.setSoTimeout(20_000);
        tls.startHandshake();
    }

    X509Certificate certificate() throws IOException {
        return (X509Certificate) tls.getSession().getPeerCertificates()[0];
    }

    /** The head of the answer to a GET, and as much of its body as is there with it. */
    String get(URI url) throws IOException {
        UpgradingOrigin.write(tls, "GET / HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\n\r\n");
        return UpgradingOrigin.readHead(tls.getInputStream());
    }

    /** Goes over to raw bytes. */
    TlsVisitor upgrade(URI url) throws IOException {
        UpgradingOrigin.write(
                tls,
                "GET / HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        assertThat(UpgradingOrigin.readHead(tls.getInputStream())).startsWith("HTTP/1.1 101 ");
        return this;
    }

    @Override
    public void close() throws IOException {
        tls.close();
        tcp.close();
    }
}
