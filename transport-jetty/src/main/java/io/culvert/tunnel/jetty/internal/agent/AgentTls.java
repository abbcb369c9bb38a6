package io.culvert.tunnel.jetty.internal.agent;

import io.culvert.tunnel.LocalTls;
import io.culvert.tunnel.jetty.internal.io.TlsStores;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** How an agent checks whom it reached over TLS. Thread-safe. */
final class AgentTls {
    private final Map<LocalTls, SslContextFactory.Client> local = new ConcurrentHashMap<>();

    /** For connections to a relay, not started. */
    static SslContextFactory.Client forRelay() {
        SslContextFactory.Client tls = new SslContextFactory.Client();
        tls.setIncludeProtocols("TLSv1.3"); // an older TLS has no half-close
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
        if (!wanted.trusted().isEmpty()) {
            tls.setTrustStore(TlsStores.trusting(wanted.trusted()));
        }
        LifeCycle.start(tls);
        return tls;
    }

    void stop() {
        local.values().forEach(tls -> LifeCycle.stop((Object) tls));
        local.clear();
    }
}
