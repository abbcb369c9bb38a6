package io.culvert.tunnel;

import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;

/** Certificates that vouch for others, as a file has them. Immutable, but for the file: it is read again when it changes. */
public final class TlsTrust {
    private final Path file;

    private TlsTrust(Path file) {
        this.file = file;
        certificates();
    }

    /**
     * The certificates of a file in PEM.
     *
     * @param file authorities' certificates, or those of the peers themselves
     * @throws TunnelException {@code BAD_CONFIGURATION} if the file cannot be used, with the reason
     */
    public static TlsTrust pem(Path file) {
        return new TlsTrust(Objects.requireNonNull(file, "file"));
    }

    /** The files, to see whether they changed. */
    public List<Path> files() {
        return List.of(file);
    }

    /**
     * Reads the file as it is now. Blocks.
     *
     * @return at least one certificate
     * @throws TunnelException {@code BAD_CONFIGURATION} if the file cannot be used, with the reason
     */
    public List<X509Certificate> certificates() {
        try {
            return PemFile.read(file).certificates();
        } catch (IOException x) {
            throw new TunnelException(
                    TunnelError.BAD_CONFIGURATION,
                    "The file of trusted certificates " + file + " cannot be used: " + FileProblem.of(x) + ".",
                    x);
        }
    }

    @Override
    public String toString() {
        return "TlsTrust[" + file + "]";
    }
}
