package io.culvert.tunnel.jetty.internal.agent;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What went wrong when TLS was set up, in words that go on a sentence about the peer. */
final class TlsProblem {
    private static final String ALERT = "Received fatal alert: ";
    private static final Set<String> REFUSALS = Set.of(
            "bad_certificate",
            "certificate_required",
            "certificate_unknown",
            "certificate_expired",
            "certificate_revoked",
            "unsupported_certificate",
            "unknown_ca",
            "access_denied");

    private TlsProblem() {}

    /** Empty if the failure has nothing to do with TLS. */
    static Optional<String> of(@Nullable Throwable failure) {
        SSLException tls = null;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateExpiredException) {
                return Optional.of("its certificate has expired (" + cause.getMessage() + ")");
            }
            if (cause instanceof CertificateNotYetValidException) {
                return Optional.of("its certificate is not valid yet (" + cause.getMessage() + ")");
            }
            if (cause instanceof CertPathBuilderException) {
                return Optional.of("its certificate is not trusted: no trusted authority vouches for it");
            }
            if (cause instanceof CertPathValidatorException && cause.getCause() == null) {
                return Optional.of("its certificate is not trusted: " + cause.getMessage());
            }
            if (cause instanceof CertificateException && cause.getCause() == null) {
                return Optional.of("its certificate is for another host (" + cause.getMessage() + ")");
            }
            if (cause instanceof SSLException found) {
                tls = found;
            }
        }
        return Optional.ofNullable(tls).map(TlsProblem::describe);
    }

    /** How the peer said that it misses a certificate or does not accept ours (RFC 8446, section 6.2); empty if it did not. */
    static Optional<String> refusal(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message = String.valueOf(cause.getMessage());
            if (cause instanceof SSLException && message.startsWith(ALERT)) {
                return Optional.of(message.substring(ALERT.length())).filter(REFUSALS::contains);
            }
        }
        return Optional.empty();
    }

    /** Whether the peer's certificate is what stands in the way. */
    static boolean isDistrust(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException
                    || cause instanceof CertPathBuilderException
                    || cause instanceof CertPathValidatorException) {
                return true;
            }
        }
        return false;
    }

    private static String describe(SSLException x) {
        String message = String.valueOf(x.getMessage());
        if (message.contains("nrecognized SSL message")) {
            return "it does not speak TLS";
        }
        if (message.contains("protocol_version")) {
            return "it speaks no version of TLS that is new enough";
        }
        return "TLS failed: " + message;
    }
}
