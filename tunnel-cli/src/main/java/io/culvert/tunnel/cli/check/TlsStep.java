package io.culvert.tunnel.cli.check;

import io.culvert.tunnel.AgentOptions;
import io.culvert.tunnel.TlsKeys;
import io.culvert.tunnel.TlsTrust;
import io.culvert.tunnel.jetty.RelayRoute;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** Sets TLS up as an agent would: with the same version, and checking the certificate against the host. */
final class TlsStep {
    private static final String STEP = "tls";
    private static final Duration SOON = Duration.ofDays(14);

    private final SSLContext context;
    private final List<String> protocols;

    /**
     * A step.
     *
     * @param trusted the certificates that vouch for the peer; empty for the JDK's authorities
     * @param certificate what to show a peer that asks
     * @param protocols the versions of TLS to speak
     */
    TlsStep(List<X509Certificate> trusted, Optional<TlsKeys> certificate, List<String> protocols) {
        this.protocols = protocols;
        try {
            context = SSLContext.getInstance("TLS");
            context.init(certificate.isPresent() ? keys(certificate.get()) : null, managers(trusted), null);
        } catch (GeneralSecurityException | IOException x) {
            throw new IllegalStateException("every Java has TLS", x);
        }
    }

    /** As an agent with these options does it. */
    static TlsStep of(AgentOptions options, List<String> protocols) {
        return new TlsStep(
                options.trust().map(TlsTrust::certificates).orElse(List.of()), options.certificate(), protocols);
    }

    private static KeyManager[] keys(TlsKeys certificate) throws GeneralSecurityException {
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(certificate.keyStore(), new char[0]);
        return factory.getKeyManagers();
    }

    private static TrustManager[] managers(List<X509Certificate> trusted) throws GeneralSecurityException, IOException {
        if (trusted.isEmpty()) {
            return null;
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (int i = 0; i < trusted.size(); i++) {
            store.setCertificateEntry("trusted-" + i, trusted.get(i));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    /** The connection with TLS; empty if that failed, which was told, and the connection is closed. */
    Optional<Socket> secure(Socket plain, String host, int port, Consumer<Finding> told) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, host, port, true);
        long start = System.nanoTime();
        try {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            parameters.setProtocols(protocols.toArray(String[]::new));
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            X509Certificate certificate = (X509Certificate) socket.getSession().getPeerCertificates()[0];
            told.accept(judge(socket, host, certificate, Reach.since(start)));
            return Optional.of(socket);
        } catch (IOException x) {
            socket.close();
            told.accept(failure(host, x));
            return Optional.empty();
        }
    }

    private static Finding judge(SSLSocket socket, String host, X509Certificate certificate, Duration time) {
        Instant end = certificate.getNotAfter().toInstant();
        String what = socket.getSession().getProtocol() + "; the certificate is for " + host + " and valid until "
                + end.atZone(ZoneOffset.UTC).toLocalDate();
        return Instant.now().plus(SOON).isAfter(end)
                ? Finding.doubtful(STEP, what, "It expires soon: renew it.")
                : Finding.ok(STEP, what, time);
    }

    private static Finding failure(String host, IOException x) {
        String problem = RelayRoute.tlsProblem(x).orElse(Objects.requireNonNullElse(x.getMessage(), x.toString()));
        String advice;
        if (problem.contains("not trusted")) {
            advice = "If an authority of your own vouches for it, name that authority's certificate: --trust ca.pem.";
        } else if (problem.contains("another host")) {
            advice = "Use the name that the certificate is for, or give " + host + " a certificate of its own.";
        } else if (problem.contains("does not speak TLS")) {
            advice = "If it is a relay without TLS, its address begins with ws:// (or http://).";
        } else {
            advice = "Check the address, and the clock of this machine.";
        }
        return Finding.failed(STEP, host + ": " + problem, advice);
    }
}
