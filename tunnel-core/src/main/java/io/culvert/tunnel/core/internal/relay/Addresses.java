package io.culvert.tunnel.core.internal.relay;

import io.culvert.tunnel.RelayOptions;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a relay and its tunnels are addressed. With a domain a tunnel is {@code name.domain} on the relay's port, or on the scheme and
 * port of the public URL. Without one it is a port of its own on the address that the relay listens on; a relay that listens on every
 * address has the host of its public URL there, else this machine's address.
 */
public final class Addresses {
    private static final Logger LOG = LoggerFactory.getLogger(Addresses.class);

    private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,63}");
    private static final Pattern HOST = Pattern.compile("(?=.{1,253}$)[a-z0-9_-]{1,63}(\\.[a-z0-9_-]{1,63})*");

    /** A last label that makes URL parsers take the whole for an IPv4 address. */
    private static final Pattern NUMERIC_END = Pattern.compile("(.*\\.)?([0-9]+|0x[0-9a-f]*)");

    private final Optional<String> domain;
    private final Optional<URI> publicUrl;
    private final boolean tls;
    private final String bind;
    private volatile int port; // set once, before the first tunnel
    private volatile int agentPort; // set with it
    private final String portHost;

    /** The addresses of a relay that is about to listen. */
    public Addresses(RelayOptions options) {
        this.domain = options.domain();
        this.publicUrl = options.publicUrl();
        this.tls = options.tls().isPresent();
        this.bind = options.bind().toLowerCase(Locale.ROOT);
        this.port = options.port();
        this.agentPort = options.agentPort().orElse(port);
        this.portHost = isWildcard(bind) ? publicUrl.map(URI::getHost).orElseGet(Addresses::machine) : bracketed(bind);
    }

    /** The relay listens on these ports. */
    public void listensOn(int visitors, int agents) {
        port = visitors;
        agentPort = agents;
    }

    /** A tunnel's name, folded; {@code null} if it has not the form of one. */
    static @Nullable String name(String wanted) {
        String folded = wanted.toLowerCase(Locale.ROOT);
        return NAME.matcher(folded).matches() ? folded : null;
    }

    /** Where agents on this machine find the relay. */
    public URI relay() {
        String host = isWildcard(bind) ? (bind.contains(":") ? "[::1]" : "127.0.0.1") : bracketed(bind);
        return URI.create((tls ? "wss://" : "ws://") + host + ":" + agentPort);
    }

    /** Where visitors find a tunnel. */
    URI tunnel(String name, @Nullable String host, int ownPort) {
        if (host != null) {
            return atApexPort(host);
        }
        return domain.map(d -> atApexPort(name + "." + d))
                .orElseGet(() -> URI.create(scheme() + "://" + portHost + ":" + ownPort));
    }

    /** The name of the tunnel that has a host under the domain. */
    Optional<String> nameOf(String host) {
        return domain.filter(d -> host.endsWith("." + d)).map(d -> host.substring(0, host.length() - d.length() - 1));
    }

    /** Whether each tunnel needs a port of its own. */
    boolean portForEach() {
        return domain.isEmpty();
    }

    /** Whether a host is the relay's whatever tunnels there are. */
    boolean isOwn(String host) {
        return isAddress(host)
                || host.equals("localhost")
                || host.equals(bind)
                || domain.filter(host::equals).isPresent()
                || publicUrl.map(URI::getHost).filter(host::equalsIgnoreCase).isPresent();
    }

    /** Whether a tunnel may have a host: one that is nobody's by other rules. */
    boolean isClaimable(String host) {
        return HOST.matcher(host).matches() && !isOwn(host) && nameOf(host).isEmpty() && !host.endsWith(".localhost");
    }

    private String scheme() {
        return tls ? "https" : "http";
    }

    private URI atApexPort(String host) {
        String scheme = publicUrl.map(URI::getScheme).orElse(scheme());
        int visible = publicUrl.map(URI::getPort).orElse(port);
        boolean usual = visible < 0 || visible == (scheme.equals("https") ? 443 : 80);
        return URI.create(scheme + "://" + host + (usual ? "" : ":" + visible));
    }

    private static boolean isAddress(String host) {
        return host.contains(":") || NUMERIC_END.matcher(host).matches();
    }

    private static boolean isWildcard(String bind) {
        return bind.equals("0.0.0.0") || bind.equals("::") || bind.equals("[::]");
    }

    private static String bracketed(String address) {
        return address.contains(":") && !address.startsWith("[") ? "[" + address + "]" : address;
    }

    private static String machine() {
        try {
            return bracketed(InetAddress.getLocalHost().getHostAddress());
        } catch (UnknownHostException x) {
            LOG.warn(
                    "This machine's name has no address: URLs of tunnels will say 127.0.0.1. Give the relay a"
                            + " publicUrl",
                    x);
            return "127.0.0.1";
        }
    }
}
