package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate, made by the JDK's own tool.
 *
 * @param store with its key, in PKCS #12
 * @param chain in PEM
 * @param key in PEM
 */
record TestCertificate(Path store, Path chain, Path key) {
    static final String PASSWORD = "password";
    private static final String ALIAS = "test";
    private static final String AUTHORITY = "authority";

    /** For the names, such as {@code DNS:localhost,IP:127.0.0.1}. */
    static TestCertificate of(Path directory, String name, String alternativeNames) throws Exception {
        return generate(directory, name, ALIAS, "-validity 2 -ext SAN=" + alternativeNames);
    }

    /** An authority, which can {@link #issue}. */
    static TestCertificate authority(Path directory, String name) throws Exception {
        return generate(directory, name, AUTHORITY, "-validity 2 -ext bc:c");
    }

    /**
     * A certificate that this authority vouches for.
     *
     * @param more arguments of keytool, such as {@code -ext SAN=DNS:shop.test}
     */
    TestCertificate issue(String name, String more) throws Exception {
        Path directory = store.getParent();
        Files.copy(store, directory.resolve(name + ".p12")); // keytool needs both in one store
        return generate(directory, name, ALIAS, "-signer " + AUTHORITY + " " + more);
    }

    private static TestCertificate generate(Path directory, String name, String alias, String more) throws Exception {
        Path store = directory.resolve(name + ".p12");
        keytool("-genkeypair -keyalg EC -groupname secp256r1 -alias " + alias + " -dname CN=" + name + " " + more
                + " -storetype PKCS12 -storepass " + PASSWORD + " -keystore " + store);
        TestCertificate made =
                new TestCertificate(store, directory.resolve(name + ".pem"), directory.resolve(name + ".key"));
        KeyStore keys = made.keyStore();
        write(made.chain, "CERTIFICATE", keys.getCertificate(alias).getEncoded());
        write(
                made.key,
                "PRIVATE KEY",
                keys.getKey(alias, PASSWORD.toCharArray()).getEncoded());
        return made;
    }

    private static void keytool(String arguments) throws Exception {
        String program =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process process = new ProcessBuilder((program + " -J-XX:TieredStopAtLevel=1 " + arguments).split(" "))
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }

    private static void write(Path file, String label, byte[] der) throws IOException {
        String text = "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + label + "-----\n";
        Files.writeString(file, text);
    }

    private KeyStore keyStore() throws IOException, GeneralSecurityException {
        return KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
    }

    X509Certificate certificate() throws Exception {
        return (X509Certificate) keyStore().getCertificate(ALIAS);
    }

    /** Puts this one's PEM files in the place of the other's, first the key. */
    void replace(TestCertificate other) throws IOException {
        Files.copy(key, other.key, StandardCopyOption.REPLACE_EXISTING);
        Files.copy(chain, other.chain, StandardCopyOption.REPLACE_EXISTING);
    }

    /** For one who has this certificate and trusts it, and none else. */
    SSLContext context() throws Exception {
        KeyStore keys = keyStore();
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, PASSWORD.toCharArray());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry(ALIAS, certificate());
        TrustManagerFactory others = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        others.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), others.getTrustManagers(), null);
        return context;
    }
}
