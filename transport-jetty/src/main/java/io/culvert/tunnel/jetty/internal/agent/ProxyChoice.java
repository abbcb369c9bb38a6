package io.culvert.tunnel.jetty.internal.agent;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.eclipse.jetty.util.HostPort;
import org.jspecify.annotations.Nullable;

/**
 * Which proxy leads to a relay: the one that the application named; else what the environment says, as curl and others read it.
 */
final class ProxyChoice {
    /** What {@link InetAddress#getByName} takes without looking anything up. */
    private static final Pattern LITERAL = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9a-fA-F.]*:[0-9a-fA-F:.]*");

    private final Optional<URI> named;
    private final Function<String, @Nullable String> environment;

    /**
     * A choice.
     *
     * @param named the application's own wish
     * @param environment gives a variable or {@code null}
     */
    ProxyChoice(Optional<URI> named, Function<String, @Nullable String> environment) {
        this.named = named;
        this.environment = environment;
    }

    /**
     * The proxy on the way there, if there is one.
     *
     * @throws TunnelException {@code BAD_CONFIGURATION} if the environment names something that is no HTTP proxy
     */
    Optional<ProxyServer> to(Authority relay) {
        if (named.isPresent()) {
            return named.map(ProxyServer::of);
        }
        if (isLoopback(relay.host()) || isExcluded(relay)) {
            return Optional.empty();
        }
        String name = relay.secure() ? "HTTPS_PROXY" : "HTTP_PROXY";
        return variable(name).map(value -> parse(name, value));
    }

    private Optional<String> variable(String name) {
        return Optional.ofNullable(environment.apply(name.toLowerCase(Locale.ROOT)))
                .or(() -> Optional.ofNullable(environment.apply(name)))
                .map(String::trim)
                .filter(value -> !value.isEmpty());
    }

    /** The value stays out of messages: it may hold a password. */
    private static ProxyServer parse(String name, String value) {
        String cause = "";
        try {
            URI address = URI.create(value.contains("://") ? value : "http://" + value);
            if ("http".equalsIgnoreCase(address.getScheme()) && address.getHost() != null) {
                return ProxyServer.of(address);
            }
            cause = " The scheme there is " + address.getScheme() + ".";
        } catch (IllegalArgumentException x) {
            cause = " What is there is no URL.";
        }
        throw new TunnelException(
                TunnelError.BAD_CONFIGURATION,
                "The environment variable " + name + " must name an HTTP proxy as http://host:port." + cause
                        + " Correct it, or list the relay's host in NO_PROXY.");
    }

    private boolean isExcluded(Authority relay) {
        for (String entry : variable("NO_PROXY").orElse("").split("[, ]+")) {
            if (entry.equals("*") || excludes(entry.toLowerCase(Locale.ROOT), relay)) {
                return true;
            }
        }
        return false;
    }

    private static boolean excludes(String entry, Authority relay) {
        if (entry.isEmpty()) {
            return false;
        }
        int slash = entry.indexOf('/');
        if (slash > 0) {
            return contains(entry.substring(0, slash), entry.substring(slash + 1), relay.host());
        }
        String host = entry;
        if (!LITERAL.matcher(entry).matches()) {
            HostPort parts = new HostPort(entry);
            if (parts.getPort() > 0 && parts.getPort() != relay.port()) {
                return false;
            }
            host = parts.getHost().replaceAll("[\\[\\]]", "");
        }
        String domain = host.startsWith("*.") ? host.substring(2) : host.startsWith(".") ? host.substring(1) : host;
        String wanted = relay.host().toLowerCase(Locale.ROOT);
        return wanted.equals(domain) || wanted.endsWith("." + domain);
    }

    /** Whether an address lies in a block (RFC 4632). */
    private static boolean contains(String network, String prefixLength, String host) {
        Optional<InetAddress> base = literal(network);
        Optional<InetAddress> address = literal(host);
        if (base.isEmpty() || address.isEmpty() || !prefixLength.matches("[0-9]{1,3}")) {
            return false;
        }
        byte[] left = base.get().getAddress();
        byte[] right = address.get().getAddress();
        int bits = Integer.parseInt(prefixLength);
        if (left.length != right.length || bits > left.length * 8) {
            return false;
        }
        for (int i = 0; i < bits; i++) {
            if (((left[i / 8] ^ right[i / 8]) & 0x80 >> i % 8) != 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean isLoopback(String host) {
        String folded = host.toLowerCase(Locale.ROOT);
        return folded.equals("localhost")
                || folded.endsWith(".localhost")
                || literal(host).filter(InetAddress::isLoopbackAddress).isPresent();
    }

    private static Optional<InetAddress> literal(String host) {
        if (!LITERAL.matcher(host).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(host));
        } catch (UnknownHostException x) {
            return Optional.empty(); // such as 300.0.0.1
        }
    }
}
