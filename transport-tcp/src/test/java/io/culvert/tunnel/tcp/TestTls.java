package io.culvert.tunnel.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.AgentOptions;
import io.culvert.tunnel.TunnelAgent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** A certificate for 127.0.0.1, made by the JDK's own tool. */
final class TestTls {
    private static final String PASSWORD = "password";
    private static final Path STORE = create();

    private TestTls() {}

    private static Path create() {
        try {
            Path store = Files.createTempDirectory("culvert-tls").resolve("store.p12");
            Process keytool = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "keytool")
                                    .toString(),
                            "-genkeypair",
                            "-keystore",
                            store.toString(),
                            "-storetype",
                            "PKCS12",
                            "-storepass",
                            PASSWORD,
                            "-alias",
                            "relay",
                            "-keyalg",
                            "EC",
                            "-dname",
                            "CN=relay",
                            "-ext",
                            "SAN=IP:127.0.0.1,DNS:localhost")
                    .redirectErrorStream(true)
                    .start();
            String said = new String(keytool.getInputStream().readAllBytes());
            assertThat(keytool.waitFor()).as(said).isZero();
            store.getParent().toFile().deleteOnExit(); // last: the order is reversed
            store.toFile().deleteOnExit();
            return store;
        } catch (IOException x) {
            throw new AssertionError(x);
        } catch (InterruptedException x) {
            Thread.currentThread().interrupt();
            throw new AssertionError(x);
        }
    }

    static SslContextFactory.Server server() {
        SslContextFactory.Server server = new SslContextFactory.Server();
        server.setKeyStorePath(STORE.toString());
        server.setKeyStorePassword(PASSWORD);
        return server;
    }

    /** Options of an agent that trusts the certificate. */
    static AgentOptions agent() {
        try {
            KeyStore store = KeyStore.getInstance(STORE.toFile(), PASSWORD.toCharArray());
            byte[] der = store.getCertificate("relay").getEncoded();
            Path pem = STORE.resolveSibling("relay.pem");
            Files.writeString(
                    pem,
                    "-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder().encodeToString(der)
                            + "\n-----END CERTIFICATE-----\n");
            pem.toFile().deleteOnExit();
            return TunnelAgent.builder().trust(pem).options();
        } catch (IOException | GeneralSecurityException x) {
            throw new AssertionError(x);
        }
    }
}
