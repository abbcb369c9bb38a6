package io.culvert.tunnel;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;

/** How an agent speaks TLS to a local service, and whom it takes for the service. Immutable. */
public final class LocalTls {
    private static final LocalTls VERIFIED = new LocalTls(true, List.of());
    private static final LocalTls INSECURE = new LocalTls(false, List.of());

    private final boolean verified;
    private final List<X509Certificate> trusted;

    private LocalTls(boolean verified, List<X509Certificate> trusted) {
        this.verified = verified;
        this.trusted = trusted;
    }

    /** The service needs a certificate for its host (RFC 9110, section 4.3.4) from an authority that the JDK trusts. */
    public static LocalTls verified() {
        return VERIFIED;
    }

    /**
     * The service needs a certificate for its host that one of the file's certificates vouches for.
     *
     * @param pem authorities' certificates, or the service's own
     * @throws TunnelException {@code BAD_CONFIGURATION} if the file cannot be used, with the reason
     */
    public static LocalTls trusting(Path pem) {
        return new LocalTls(true, TlsTrust.pem(pem).certificates());
    }

    /** Any certificate will do: whoever answers at the local address is taken for the service. */
    public static LocalTls insecure() {
        return INSECURE;
    }

    /** Whether the service must prove who it is. */
    public boolean isVerified() {
        return verified;
    }

    /** The certificates that vouch for the service; empty for the JDK's own. */
    public List<X509Certificate> trusted() {
        return trusted;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LocalTls that && verified == that.verified && trusted.equals(that.trusted);
    }

    @Override
    public int hashCode() {
        return Objects.hash(verified, trusted);
    }

    @Override
    public String toString() {
        return !verified ? "insecure" : trusted.isEmpty() ? "verified" : "trusting " + trusted.size() + " certificates";
    }
}
