package io.culvert.tunnel.jetty.internal.edge;

import io.culvert.tunnel.TlsKeys;
import io.culvert.tunnel.TlsTrust;
import io.culvert.tunnel.jetty.internal.io.TlsStores;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.Scheduler;

/** TLS at the edge, with certificates that are replaced when their files change. */
final class EdgeTls {
    private final SslContextFactory.Server factory = new SslContextFactory.Server();
    private final TlsStores stores;

    private EdgeTls(TlsKeys keys, Optional<TlsTrust> clients) {
        this.stores = new TlsStores("The edge", Optional.of(keys), clients, factory);
    }

    /** For visitors, who are never asked for a certificate. */
    static EdgeTls forVisitors(TlsKeys keys) {
        return new EdgeTls(keys, Optional.empty());
    }

    /** For agents, who are asked for one that an authority vouches for. */
    static EdgeTls forAgents(TlsKeys keys, TlsTrust authorities, boolean required) {
        EdgeTls tls = new EdgeTls(keys, Optional.of(authorities));
        if (required) {
            tls.factory.setNeedClientAuth(true);
        } else {
            tls.factory.setWantClientAuth(true);
        }
        return tls;
    }

    /** What speaks TLS in front of another protocol. Whatever host a visitor asks for, there is a certificate. */
    ConnectionFactory before(ConnectionFactory next) {
        SslConnectionFactory tls = new SslConnectionFactory(factory, next.getProtocol());
        tls.setEnsureSecureRequestCustomizer(
                false); // it would compare Host and certificate, which is the visitor's to do
        tls.setDirectBuffersForEncryption(true);
        tls.setDirectBuffersForDecryption(true);
        return tls;
    }

    /** Looks at the files from now on, until the scheduler or the executor stops. */
    void watch(Scheduler scheduler, Executor executor) {
        stores.watch(scheduler, executor);
    }
}
