package io.culvert.tunnel.jetty.internal.agent;

import io.culvert.tunnel.LocalTls;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** How an agent checks whom it reached over TLS. Thread-safe. */
final class AgentTls {
    private final Map<LocalTls, SslContextFactory.Client> local = new ConcurrentHashMap<>();

    /** For connections to a relay, not started. */
    static SslContextFactory.Client forRelay(List<X509Certificate> trusted) {
        SslContextFactory.Client tls = new SslContextFactory.Client();
        tls.setIncludeProtocols("TLSv1.3"); // an older TLS has no half-close
        trust(tls, trusted);
        return tls;
    }

    /** For connections to a local service, started. */
    SslContextFactory.Client forLocal(LocalTls wanted) {
        return local.computeIfAbsent(wanted, AgentTls::start);
    }

    private static SslContextFactory.Client start(LocalTls wanted) {
        SslContextFactory.Client tls = new SslContextFactory.Client(!wanted.isVerified());
        if (!wanted.isVerified()) {
            tls.setEndpointIdentificationAlgorithm(null);
        }
        trust(tls, wanted.trusted());
        LifeCycle.start(tls);
        return tls;
    }

    private static void trust(SslContextFactory.Client tls, List<X509Certificate> trusted) {
        if (trusted.isEmpty()) {
            return;
        }
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (int i = 0; i < trusted.size(); i++) {
                store.setCertificateEntry("trusted-" + i, trusted.get(i));
            }
            tls.setTrustStore(store);
        } catch (GeneralSecurityException | IOException x) {
            throw new IllegalStateException("a key store in memory takes every certificate", x);
        }
    }

    void stop() {
        local.values().forEach(tls -> LifeCycle.stop((Object) tls));
        local.clear();
    }
}
