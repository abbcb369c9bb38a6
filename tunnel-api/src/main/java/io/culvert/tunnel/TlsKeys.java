package io.culvert.tunnel;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A certificate and its private key, as files have them. Immutable, but for the files: relays and agents read them again when they change.
 */
public final class TlsKeys {
    private static final char[] NO_PASSWORD = new char[0];

    /** Kinds of keys that can be tried out without parameters, and how they sign. */
    private static final Map<String, String> SIGNATURES =
            Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA", "EdDSA", "EdDSA");

    private final List<Path> files;
    private final Source source;

    @FunctionalInterface
    private interface Source {
        void readInto(KeyStore target) throws IOException, GeneralSecurityException;
    }

    private TlsKeys(List<Path> files, Source source) {
        this.files = files;
        this.source = source;
        keyStore();
    }

    /**
     * A certificate and its key in PEM, as Let's Encrypt's clients and {@code openssl} write them.
     *
     * @param chain the own certificate first, then those that lead to an authority's
     * @param key not encrypted; RSA, EC or Ed25519
     * @throws TunnelException {@code BAD_CONFIGURATION} if the files cannot be used, with the reason
     */
    public static TlsKeys pem(Path chain, Path key) {
        Objects.requireNonNull(chain, "chain");
        Objects.requireNonNull(key, "key");
        return new TlsKeys(List.of(chain, key), target -> readPem(chain, key, target));
    }

    /**
     * Certificates and their keys in a PKCS #12 file. With several, visitors get the one for the host that they ask for.
     *
     * @param password of the file and of each key in it
     * @throws TunnelException {@code BAD_CONFIGURATION} if the file cannot be used, with the reason
     */
    public static TlsKeys pkcs12(Path file, String password) {
        Objects.requireNonNull(file, "file");
        char[] secret = password.toCharArray();
        return new TlsKeys(List.of(file), target -> readPkcs12(file, secret, target));
    }

    /** The files, to see whether they changed. */
    public List<Path> files() {
        return files;
    }

    /**
     * Reads the files as they are now. Blocks.
     *
     * @return keys that belong to their certificates, each with the empty password
     * @throws TunnelException {@code BAD_CONFIGURATION} if the files cannot be used, with the reason
     */
    public KeyStore keyStore() {
        String what = "The certificate " + (files.size() == 1 ? files.get(0) : files.get(0) + " with " + files.get(1));
        try {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(null, NO_PASSWORD);
            source.readInto(keys);
            return keys;
        } catch (IOException x) {
            throw new TunnelException(
                    TunnelError.BAD_CONFIGURATION, what + " cannot be used: " + FileProblem.of(x) + ".", x);
        } catch (GeneralSecurityException x) {
            throw new TunnelException(
                    TunnelError.BAD_CONFIGURATION, what + " cannot be used: " + x.getMessage() + ".", x);
        }
    }

    private static void readPem(Path chainFile, Path keyFile, KeyStore target)
            throws IOException, GeneralSecurityException {
        List<X509Certificate> chain =
                named(chainFile, () -> PemFile.read(chainFile).certificates());
        PublicKey publicKey = chain.get(0).getPublicKey();
        PrivateKey key = named(keyFile, () -> PemFile.read(keyFile).privateKey(publicKey));
        put(target, "own", key, chain.toArray(new Certificate[0]));
    }

    @FunctionalInterface
    private interface Reading<T> {
        T read() throws IOException;
    }

    /** Says in which of two files the trouble is. */
    private static <T> T named(Path file, Reading<T> reading) throws IOException {
        try {
            return reading.read();
        } catch (IOException x) {
            throw new IOException("of " + file.getFileName() + ", " + FileProblem.of(x), x);
        }
    }

    private static void readPkcs12(Path file, char[] password, KeyStore target)
            throws IOException, GeneralSecurityException {
        KeyStore stored = KeyStore.getInstance("PKCS12");
        byte[] content = Files.readAllBytes(file);
        try {
            stored.load(new ByteArrayInputStream(content), password);
        } catch (IOException x) {
            boolean locked = x.getCause() instanceof UnrecoverableKeyException;
            throw new IOException(locked ? "its password is another one" : "it is not in PKCS #12", x);
        }
        for (String alias : Collections.list(stored.aliases())) {
            if (stored.getKey(alias, password) instanceof PrivateKey key) {
                put(target, alias, key, stored.getCertificateChain(alias));
            }
        }
        if (target.size() == 0) {
            throw new IOException("it holds no private key");
        }
    }

    private static void put(KeyStore target, String alias, PrivateKey key, Certificate[] chain)
            throws IOException, GeneralSecurityException {
        if (!belongTogether(key, chain[0].getPublicKey())) {
            throw new IOException("its key belongs to another certificate than the first");
        }
        target.setKeyEntry(alias, key, NO_PASSWORD, chain);
    }

    private static boolean belongTogether(PrivateKey key, PublicKey publicKey) throws GeneralSecurityException {
        String algorithm = SIGNATURES.get(publicKey.getAlgorithm());
        if (algorithm == null) {
            return true;
        }
        byte[] probe = {1, 2, 3};
        Signature signing = Signature.getInstance(algorithm);
        signing.initSign(key);
        signing.update(probe);
        Signature verifying = Signature.getInstance(algorithm);
        verifying.initVerify(publicKey);
        verifying.update(probe);
        try {
            return verifying.verify(signing.sign());
        } catch (SignatureException x) {
            return false; // of another size
        }
    }

    @Override
    public String toString() {
        return "TlsKeys" + files;
    }
}
