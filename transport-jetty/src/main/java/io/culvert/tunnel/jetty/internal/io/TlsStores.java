package io.culvert.tunnel.jetty.internal.io;

import io.culvert.tunnel.TlsKeys;
import io.culvert.tunnel.TlsTrust;
import io.culvert.tunnel.TunnelException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The own certificate and the trusted ones of one side of TLS, replaced when their files change. Files that cannot be used leave everything as
 * it is. Connections that stand keep what they began with.
 */
public final class TlsStores {
    private static final Logger LOG = LoggerFactory.getLogger(TlsStores.class);
    private static final String NO_PASSWORD = "";

    private final String whose;
    private final Optional<TlsKeys> keys;
    private final Optional<TlsTrust> trust;
    private final SslContextFactory factory;
    private final FileWatch watch;

    /** Used by one look at a time. */
    private @Nullable String problem;

    /**
     * Fills a factory that is not started.
     *
     * @param whose whose certificates these are, such as {@code The edge}
     */
    public TlsStores(String whose, Optional<TlsKeys> keys, Optional<TlsTrust> trust, SslContextFactory factory) {
        this.whose = whose;
        this.keys = keys;
        this.trust = trust;
        this.factory = factory;
        this.watch = new FileWatch(files(), this::read);
        keys.ifPresent(k -> {
            factory.setKeyStorePassword(NO_PASSWORD);
            factory.setKeyStore(k.keyStore());
        });
        trust.ifPresent(t -> factory.setTrustStore(trusting(t.certificates())));
    }

    private List<Path> files() {
        List<Path> files = new ArrayList<>();
        keys.ifPresent(k -> files.addAll(k.files()));
        trust.ifPresent(t -> files.addAll(t.files()));
        return files;
    }

    /** Looks at the files from now on, until the scheduler or the executor stops. */
    public void watch(Scheduler scheduler, Executor executor) {
        if (!files().isEmpty()) {
            watch.begin(scheduler, executor);
        }
    }

    /** A store of trusted certificates. */
    public static KeyStore trusting(List<X509Certificate> certificates) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (int i = 0; i < certificates.size(); i++) {
                store.setCertificateEntry("trusted-" + i, certificates.get(i));
            }
            return store;
        } catch (GeneralSecurityException | IOException x) {
            throw new IllegalStateException("a key store in memory takes every certificate", x);
        }
    }

    private void read() {
        try {
            KeyStore newKeys = keys.map(TlsKeys::keyStore).orElse(null);
            KeyStore newTrust = trust.map(t -> trusting(t.certificates())).orElse(null);
            if (!same(newKeys, factory.getKeyStore()) || !same(newTrust, factory.getTrustStore())) {
                replace(newKeys, newTrust);
                LOG.info("{} has new certificates, from {}", whose, files());
            }
            problem = null;
        } catch (TunnelException x) {
            report(String.valueOf(x.getMessage()));
        } catch (Exception x) {
            LOG.error("{} could not take new certificates from {}", whose, files(), x);
        }
    }

    private static boolean same(@Nullable KeyStore one, @Nullable KeyStore other) throws Exception {
        if (one == null || other == null) {
            return one == other;
        }
        List<String> aliases = Collections.list(one.aliases());
        if (!aliases.equals(Collections.list(other.aliases()))) {
            return false;
        }
        for (String alias : aliases) {
            if (!Arrays.equals(certificates(one, alias), certificates(other, alias))) {
                return false;
            }
        }
        return true;
    }

    private static Certificate[] certificates(KeyStore store, String alias) throws Exception {
        return store.isKeyEntry(alias)
                ? store.getCertificateChain(alias)
                : new Certificate[] {store.getCertificate(alias)};
    }

    private void replace(@Nullable KeyStore newKeys, @Nullable KeyStore newTrust) throws Exception {
        KeyStore oldKeys = factory.getKeyStore();
        KeyStore oldTrust = factory.getTrustStore();
        try {
            factory.reload(f -> set(f, newKeys, newTrust));
        } catch (Exception x) {
            factory.reload(f -> set(f, oldKeys, oldTrust));
            throw x;
        }
    }

    private static void set(SslContextFactory target, @Nullable KeyStore keys, @Nullable KeyStore trust) {
        target.setKeyStore(keys);
        target.setTrustStore(trust);
    }

    /** Once, not at every look. */
    private void report(String message) {
        if (!message.equals(problem)) {
            problem = message;
            LOG.warn("{} {} goes on with the certificates that it has.", message, whose);
        }
    }
}
