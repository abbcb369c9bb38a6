package io.culvert.tunnel;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The certificates and keys of a file in PEM (RFC 7468). What stands between its blocks is passed over. */
final class PemFile {
    private static final long MAX_BYTES = 1 << 20;
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,64})-----(.*?)-----END \\1-----", Pattern.DOTALL);

    private static final String PKCS8 = "PRIVATE KEY";
    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;
    private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};

    private final List<Block> blocks;

    private record Block(String label, String base64) {
        byte[] bytes() throws IOException {
            try {
                return Base64.getMimeDecoder().decode(base64);
            } catch (IllegalArgumentException x) {
                throw new IOException("its " + label + " is damaged", x);
            }
        }
    }

    private PemFile(List<Block> blocks) {
        this.blocks = blocks;
    }

    static PemFile read(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException("it is larger than " + MAX_BYTES + " bytes");
        }
        List<Block> blocks = new ArrayList<>();
        // Comments may be in any encoding; what counts is ASCII.
        Matcher matcher = BLOCK.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        while (matcher.find()) {
            blocks.add(new Block(matcher.group(1), matcher.group(2)));
        }
        return new PemFile(blocks);
    }

    /** The file's certificates in order, at least one. */
    List<X509Certificate> certificates() throws IOException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Block block : blocks) {
            if (block.label.equals("CERTIFICATE")) {
                certificates.add(certificate(block));
            }
        }
        if (certificates.isEmpty()) {
            throw new IOException("it holds no certificate in PEM (-----BEGIN CERTIFICATE-----)");
        }
        return List.copyOf(certificates);
    }

    private static X509Certificate certificate(Block block) throws IOException {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(block.bytes()));
        } catch (CertificateException x) {
            throw new IOException("its certificate is damaged", x);
        }
    }

    /** The file's private key, which is one for the public key. */
    PrivateKey privateKey(PublicKey publicKey) throws IOException {
        for (Block block : blocks) {
            if (block.label.equals("ENCRYPTED " + PKCS8) || block.base64.contains("ENCRYPTED")) {
                throw new IOException(
                        "its key is encrypted; decrypt it with: openssl pkey -in ENCRYPTED.pem -out PLAIN.pem");
            }
            if (block.label.endsWith(PKCS8)) {
                byte[] der = block.bytes();
                return privateKey(block.label.equals(PKCS8) ? der : asPkcs8(der, publicKey), publicKey);
            }
        }
        throw new IOException("it holds no private key in PEM (-----BEGIN PRIVATE KEY-----)");
    }

    private static PrivateKey privateKey(byte[] pkcs8, PublicKey publicKey) throws IOException {
        String algorithm = publicKey.getAlgorithm();
        try {
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (GeneralSecurityException x) {
            throw new IOException("its key is damaged, or not of the certificate's kind, which is " + algorithm, x);
        }
    }

    /**
     * A key in the older format of its algorithm (RFC 8017, appendix A.1.2; RFC 5915) as PKCS #8 (RFC 5208), which says the algorithm in front. That is the
     * same as in the public key.
     */
    private static byte[] asPkcs8(byte[] der, PublicKey publicKey) throws IOException {
        byte[] subjectPublicKeyInfo = publicKey.getEncoded();
        int algorithmAt = headerLength(subjectPublicKeyInfo, 0);
        int algorithmLength =
                headerLength(subjectPublicKeyInfo, algorithmAt) + length(subjectPublicKeyInfo, algorithmAt);
        byte[] algorithm = new byte[algorithmLength];
        System.arraycopy(subjectPublicKeyInfo, algorithmAt, algorithm, 0, algorithmLength);
        return tagged(SEQUENCE, VERSION_0, algorithm, tagged(OCTET_STRING, der));
    }

    /** How long tag and length of the DER value there are (X.690, section 8.1.3). */
    private static int headerLength(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        return first < 0x80 ? 2 : 2 + (first & 0x7f);
    }

    private static int length(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        if (first < 0x80) {
            return first;
        }
        int length = 0;
        for (int i = 0; i < (first & 0x7f); i++) {
            length = length << 8 | der[at + 2 + i] & 0xff;
        }
        return length;
    }

    private static byte[] tagged(int tag, byte[]... parts) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.write(part);
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.write(tag);
        int length = content.size();
        if (length < 0x80) {
            whole.write(length);
        } else {
            byte[] octets = BigInteger.valueOf(length).toByteArray(); // perhaps with a zero in front, for the sign
            int from = octets[0] == 0 ? 1 : 0;
            whole.write(0x80 | octets.length - from);
            whole.write(octets, from, octets.length - from);
        }
        content.writeTo(whole);
        return whole.toByteArray();
    }
}
