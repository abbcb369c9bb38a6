package io.culvert.tunnel;

import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;

/** Certificates to trust, read once. */
final class TrustFile {
    private TrustFile() {}

    static List<X509Certificate> read(Path pem) {
        try {
            return PemFile.read(pem).certificates();
        } catch (IOException x) {
            throw new TunnelException(
                    TunnelError.BAD_CONFIGURATION,
                    "The file of trusted certificates " + pem + " cannot be used: " + FileProblem.of(x) + ".",
                    x);
        }
    }
}
