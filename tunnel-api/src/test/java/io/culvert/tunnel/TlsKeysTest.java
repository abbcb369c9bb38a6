package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Arrays;
import java.util.Base64;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TlsKeysTest {
    private static final String PASSWORD = "password";

    @TempDir
    static Path directory;

    @BeforeAll
    static void generate() throws Exception {
        make("RSA", "-keyalg RSA -keysize 2048");
        make("EC", "-keyalg EC -groupname secp256r1");
        make("EC384", "-keyalg EC -groupname secp384r1");
        make("Ed25519", "-keyalg Ed25519");
    }

    private static void make(String name, String algorithm) throws Exception {
        String program =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        String arguments = " -genkeypair -alias a " + algorithm + " -dname CN=" + name
                + " -storetype PKCS12 -storepass " + PASSWORD + " -keystore " + file(name + ".p12");
        Process process = new ProcessBuilder((program + arguments).split(" "))
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        KeyStore store = KeyStore.getInstance(file(name + ".p12").toFile(), PASSWORD.toCharArray());
        pem(name + ".pem", "CERTIFICATE", store.getCertificate("a").getEncoded());
        byte[] pkcs8 = store.getKey("a", PASSWORD.toCharArray()).getEncoded();
        pem(name + ".key", "PRIVATE KEY", pkcs8);
        pem(
                name + ".old",
                name.substring(0, Math.min(3, name.length())).replace("EC3", "EC") + " PRIVATE KEY",
                inner(pkcs8));
    }

    /** The octets of the last part of a PKCS #8 key: version, algorithm, key. */
    private static byte[] inner(byte[] pkcs8) {
        int at = header(pkcs8, 0) + 3;
        at += header(pkcs8, at) + (pkcs8[at + 1] & 0xff);
        return Arrays.copyOfRange(pkcs8, at + header(pkcs8, at), pkcs8.length);
    }

    private static int header(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        return first < 0x80 ? 2 : 2 + (first & 0x7f);
    }

    private static Path file(String name) {
        return directory.resolve(name);
    }

    private static Path pem(String name, String label, byte[] der) throws IOException {
        return Files.writeString(
                file(name),
                "Bag Attributes - of some tool\n-----BEGIN " + label + "-----\r\n"
                        + Base64.getMimeEncoder().encodeToString(der) + "\r\n-----END " + label + "-----\n");
    }

    private static AbstractThrowableAssert<?, ?> assertRefused(String chain, String key) {
        return assertThatThrownBy(() -> TlsKeys.pem(file(chain), file(key)))
                .isInstanceOfSatisfying(
                        TunnelException.class, x -> assertThat(x.error()).isEqualTo(TunnelError.BAD_CONFIGURATION));
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "EC", "EC384", "Ed25519"})
    void takesEveryKindOfKey(String name) throws Exception {
        KeyStore keys = TlsKeys.pem(file(name + ".pem"), file(name + ".key")).keyStore();
        assertThat(keys.getKey("own", new char[0])).isNotNull();
        assertThat(keys.getCertificateChain("own")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "EC", "EC384"})
    void takesTheFormatsOfOlderTools(String name) throws Exception {
        KeyStore keys = TlsKeys.pem(file(name + ".pem"), file(name + ".old")).keyStore();
        KeyStore expected =
                TlsKeys.pem(file(name + ".pem"), file(name + ".key")).keyStore();
        assertThat(keys.getKey("own", new char[0]).getAlgorithm())
                .isEqualTo(expected.getKey("own", new char[0]).getAlgorithm());
    }

    @Test
    void takesPkcs12() throws Exception {
        TlsKeys keys = TlsKeys.pkcs12(file("EC.p12"), PASSWORD);
        assertThat(keys.keyStore().getKey("a", new char[0])).isNotNull();
        assertThat(keys.files()).containsExactly(file("EC.p12"));
    }

    @Test
    void readsTheFilesAnew() throws Exception {
        Files.copy(file("EC.pem"), file("now.pem"));
        Files.copy(file("EC.key"), file("now.key"));
        TlsKeys keys = TlsKeys.pem(file("now.pem"), file("now.key"));
        Files.delete(file("now.pem"));
        assertThatThrownBy(keys::keyStore).hasMessageContaining("now.pem, it does not exist");
    }

    @ParameterizedTest
    @CsvSource({
        "none.pem, EC.key, 'of none.pem, it does not exist'",
        "EC.pem, none.key, 'of none.key, it does not exist'",
        "EC.key, EC.key, 'of EC.key, it holds no certificate'",
        "EC.pem, EC.pem, 'of EC.pem, it holds no private key'",
        "EC.pem, RSA.key, 'of RSA.key, its key is damaged, or not of the certificate''s kind, which is EC'",
    })
    void saysWhichFileIsWrong(String chain, String key, String problem) {
        assertRefused(chain, key).hasMessageContaining(problem);
    }

    @Test
    void seesThatAKeyBelongsToAnotherCertificate() throws Exception {
        make("another", "-keyalg EC -groupname secp256r1");
        assertRefused("EC.pem", "another.key").hasMessageContaining("belongs to another certificate");
    }

    @Test
    void namesTheCommandForAnEncryptedKey() throws IOException {
        pem("locked.key", "ENCRYPTED PRIVATE KEY", new byte[10]);
        assertRefused("EC.pem", "locked.key").hasMessageContaining("openssl pkey -in");
        Files.writeString(
                file("locked.key"),
                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n"
                        + "-----END RSA PRIVATE KEY-----\n");
        assertRefused("RSA.pem", "locked.key").hasMessageContaining("openssl pkey -in");
    }

    @Test
    void saysThatAPasswordIsWrong() {
        assertThatThrownBy(() -> TlsKeys.pkcs12(file("EC.p12"), "wrong"))
                .hasMessageContaining("its password is another");
        assertThatThrownBy(() -> TlsKeys.pkcs12(file("EC.pem"), PASSWORD))
                .hasMessageContaining("it is not in PKCS #12");
    }

    @Test
    void trustedCertificatesAreRead() throws IOException {
        Path both = Files.writeString(
                file("both.pem"), Files.readString(file("EC.pem")) + Files.readString(file("RSA.pem")));
        assertThat(TunnelAgent.builder()
                        .trust(both)
                        .options()
                        .trust()
                        .orElseThrow()
                        .certificates())
                .hasSize(2);
        assertThat(LocalTls.trusting(both)).isEqualTo(LocalTls.trusting(both)).isNotEqualTo(LocalTls.verified());
        assertThatThrownBy(() -> TunnelAgent.builder().trust(file("EC.key")))
                .isInstanceOf(TunnelException.class)
                .hasMessageContaining("EC.key cannot be used: it holds no certificate");
        assertThatThrownBy(() -> LocalTls.trusting(file("none.pem"))).hasMessageContaining("does not exist");
    }
}
