package io.culvert.tunnel.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
            store.toFile().deleteOnExit();
            store.getParent().toFile().deleteOnExit();
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

    static SslContextFactory.Client client() {
        SslContextFactory.Client client = new SslContextFactory.Client();
        client.setTrustStorePath(STORE.toString());
        client.setTrustStorePassword(PASSWORD);
        return client;
    }
}
