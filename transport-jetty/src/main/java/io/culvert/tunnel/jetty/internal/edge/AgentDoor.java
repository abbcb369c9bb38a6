package io.culvert.tunnel.jetty.internal.edge;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.OptionalInt;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;

/**
 * Where agents come in.
 *
 * @param port the agents' own; empty if they share the visitors'
 * @param certified whether none comes in without a certificate
 */
record AgentDoor(OptionalInt port, boolean certified) {
    /** Whether the port is the agents' own. */
    boolean is(int local) {
        return port.isPresent() && port.getAsInt() == local;
    }

    /** Whether what agents need is to be found at this port. */
    boolean isAt(int local) {
        return port.isEmpty() || is(local);
    }

    /** Whether the connection lacks the certificate that it needs. TLS sees to that; but it resumes sessions, and time goes on. */
    boolean isClosedTo(Request request) {
        return certified && certificates(request).isEmpty();
    }

    /** The peer's certificates as TLS verified them, the peer's own first; none once that has expired. */
    static List<X509Certificate> certificates(Request request) {
        EndPoint.SslSessionData data =
                request.getConnectionMetaData().getConnection().getEndPoint().getSslSessionData();
        if (data == null || data.peerCertificates() == null || data.peerCertificates().length == 0) {
            return List.of();
        }
        try {
            data.peerCertificates()[0].checkValidity();
            return List.of(data.peerCertificates());
        } catch (CertificateException x) {
            return List.of();
        }
    }
}
