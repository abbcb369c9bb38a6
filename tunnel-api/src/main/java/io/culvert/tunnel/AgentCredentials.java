package io.culvert.tunnel;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * What an agent proves who it is with.
 *
 * @param token the token that it sent; never log it
 * @param certificates the chain that TLS verified, the agent's own first; empty if it has none or the relay does not ask for one
 */
public record AgentCredentials(Optional<String> token, List<X509Certificate> certificates) {
    private static final int EMAIL = 1;
    private static final int DNS = 2;
    private static final int URI = 6;

    /** Credentials with a copy of the chain. */
    public AgentCredentials {
        certificates = List.copyOf(certificates);
    }

    /**
     * Whom the agent's own certificate is for: its alternative names that are DNS names, URIs or e-mail addresses (RFC 5280, section
     * 4.2.1.6), in lower case; the common name of its subject where it has none of these. Empty without a certificate.
     */
    public List<String> certificateNames() {
        if (certificates.isEmpty()) {
            return List.of();
        }
        X509Certificate own = certificates.get(0);
        try {
            List<String> names = alternativeNames(own);
            return names.isEmpty() ? commonName(own) : names;
        } catch (CertificateParsingException | InvalidNameException x) {
            return List.of(); // what cannot be read names nobody
        }
    }

    private static List<String> alternativeNames(X509Certificate certificate) throws CertificateParsingException {
        List<String> names = new ArrayList<>();
        Collection<List<?>> found = certificate.getSubjectAlternativeNames();
        for (List<?> entry : found == null ? List.<List<?>>of() : found) {
            int kind = (Integer) entry.get(0);
            if (kind == DNS || kind == URI || kind == EMAIL) {
                names.add(String.valueOf(entry.get(1)).toLowerCase(Locale.ROOT));
            }
        }
        return List.copyOf(names);
    }

    private static List<String> commonName(X509Certificate certificate) throws InvalidNameException {
        List<String> names = new ArrayList<>();
        for (Rdn part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
            if (part.getType().equalsIgnoreCase("CN")) {
                names.add(String.valueOf(part.getValue()).toLowerCase(Locale.ROOT));
            }
        }
        return names.size() == 1 ? List.copyOf(names) : List.of(); // with several it would be a matter of taste
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "AgentCredentials[token=" + (token.isPresent() ? "…" : "none") + ", certificate=" + certificateNames()
                + "]";
    }
}
