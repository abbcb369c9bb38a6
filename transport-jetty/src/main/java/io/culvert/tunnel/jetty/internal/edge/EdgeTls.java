package io.culvert.tunnel.jetty.internal.edge;

import io.culvert.tunnel.TlsKeys;
import io.culvert.tunnel.TunnelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS at the edge, with a certificate that is replaced when its files change. Files that cannot be used leave the certificate as it
 * is. Connections that stand keep the one they began with.
 */
final class EdgeTls {
    private static final Logger LOG = LoggerFactory.getLogger(EdgeTls.class);
    private static final long LOOK_MILLIS = 2_000;

    /** A file changed this recently may change again without its time showing it. */
    private static final long RACY_MILLIS = 2_000;

    private static final String NO_PASSWORD = "";

    private final TlsKeys keys;
    private final SslContextFactory.Server factory = new SslContextFactory.Server();

    /** The files as last read; used by one look at a time, as what follows. */
    private List<Version> versions = List.of();

    private boolean settled;
    private @Nullable String problem;

    /** What identifies one state of a file; a missing one has a size below zero. */
    private record Version(
            FileTime modified, long size, @Nullable Object key) {
        static Version of(Path file) {
            try {
                BasicFileAttributes a = Files.readAttributes(file, BasicFileAttributes.class);
                return new Version(a.lastModifiedTime(), a.size(), a.fileKey());
            } catch (IOException x) {
                return new Version(FileTime.fromMillis(0), -1, null);
            }
        }
    }

    EdgeTls(TlsKeys keys) {
        this.keys = keys;
        factory.setKeyStorePassword(NO_PASSWORD);
        see();
        factory.setKeyStore(keys.keyStore());
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
        Runnable look = () -> {
            look();
            watch(scheduler, executor);
        };
        try {
            scheduler.schedule(() -> dispatch(executor, look), LOOK_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException x) {
            LOG.debug("The relay stops: no more looks at {}", keys);
        }
    }

    /** Reading files blocks, which a scheduler must not. */
    private static void dispatch(Executor executor, Runnable look) {
        try {
            executor.execute(look);
        } catch (RejectedExecutionException x) {
            LOG.debug("The relay stops", x);
        }
    }

    private void look() {
        if (!see()) {
            return;
        }
        try {
            KeyStore read = keys.keyStore();
            if (!same(read, factory.getKeyStore())) {
                replace(read);
                LOG.info("The edge has a new certificate, from {}", keys.files());
            }
            problem = null;
        } catch (TunnelException x) {
            report(String.valueOf(x.getMessage()));
        } catch (Exception x) {
            LOG.error("The edge's certificate from {} could not be replaced", keys.files(), x);
        }
    }

    /** Whether the files may have changed since the last look. */
    private boolean see() {
        List<Version> now = new ArrayList<>();
        boolean old = true;
        for (Path file : keys.files()) {
            Version version = Version.of(file);
            now.add(version);
            old &= System.currentTimeMillis() - version.modified.toMillis() > RACY_MILLIS;
        }
        boolean changed = !settled || !now.equals(versions);
        versions = now;
        settled = old;
        return changed;
    }

    private static boolean same(KeyStore one, KeyStore other) throws Exception {
        List<String> aliases = Collections.list(one.aliases());
        if (!aliases.equals(Collections.list(other.aliases()))) {
            return false;
        }
        for (String alias : aliases) {
            if (!Arrays.equals(one.getCertificateChain(alias), other.getCertificateChain(alias))) {
                return false;
            }
        }
        return true;
    }

    private void replace(KeyStore read) throws Exception {
        KeyStore before = factory.getKeyStore();
        try {
            factory.reload(f -> f.setKeyStore(read));
        } catch (Exception x) {
            factory.reload(f -> f.setKeyStore(before));
            throw x;
        }
    }

    /** Once, not at every look. */
    private void report(String message) {
        if (!message.equals(problem)) {
            problem = message;
            LOG.warn("{} The edge goes on with the certificate that it has.", message);
        }
    }
}
