package io.culvert.tunnel.spring;

import io.culvert.tunnel.LocalTls;
import io.culvert.tunnel.TunnelSpec;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;

/**
 * Where the application itself listens.
 *
 * @param host {@code localhost} unless it listens on one address that is not loopback
 * @param port its port
 * @param tls whether it speaks TLS
 */
record ApplicationPort(String host, int port, boolean tls) {
    /** As the environment says; empty where nothing listens, and no port is given. */
    static Optional<ApplicationPort> of(Environment environment, @Nullable Integer given, @Nullable Integer own) {
        Integer port = given != null ? given : own;
        if (port == null) {
            return Optional.empty();
        }
        boolean tls = environment.getProperty("server.ssl.enabled", Boolean.class, true)
                && (environment.containsProperty("server.ssl.bundle")
                        || environment.containsProperty("server.ssl.key-store")
                        || environment.containsProperty("server.ssl.certificate"));
        boolean same = given == null || given.equals(own);
        String address = environment.getProperty("server.address", "");
        return Optional.of(new ApplicationPort(same ? host(address) : "localhost", port, same && tls));
    }

    private static String host(String address) {
        if (address.isBlank()) {
            return "localhost";
        }
        try {
            InetAddress bound = InetAddress.getByName(address);
            return bound.isAnyLocalAddress() ? "localhost" : bound.getHostAddress();
        } catch (UnknownHostException x) {
            return "localhost"; // then the application does not listen there either
        }
    }

    /** What exposes it. Its own certificate is for its public names, so it is not checked on the way inside the machine. */
    TunnelSpec.Builder spec() {
        TunnelSpec.Builder spec = TunnelSpec.builder(port).localHost(host);
        return tls ? spec.localTls(LocalTls.insecure()) : spec;
    }
}
