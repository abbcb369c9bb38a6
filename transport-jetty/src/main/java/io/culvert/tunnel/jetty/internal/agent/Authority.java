package io.culvert.tunnel.jetty.internal.agent;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Locale;

/**
 * Where a relay is: what of its address matters to a dial.
 *
 * @param secure whether it is reached over TLS
 * @param host without the brackets of an IPv6 literal
 * @param port never absent
 */
record Authority(boolean secure, String host, int port) {
    static Authority of(URI relay) {
        String scheme = relay.getScheme().toLowerCase(Locale.ROOT);
        boolean secure = scheme.equals("wss") || scheme.equals("https");
        String host = relay.getHost();
        if (host.startsWith("[")) {
            host = host.substring(1, host.length() - 1);
        }
        int port = relay.getPort() > 0 ? relay.getPort() : secure ? 443 : 80;
        return new Authority(secure, host, port);
    }

    /** The URI of a WebSocket there. */
    URI webSocket(String path) {
        return URI.create((secure ? "wss://" : "ws://") + this + path);
    }

    /** The address with this host's name, which TLS checks the certificate against. */
    InetSocketAddress named(InetSocketAddress address) {
        if (address.getHostString().equalsIgnoreCase(host)) {
            return address;
        }
        try {
            byte[] bytes = address.getAddress().getAddress();
            return new InetSocketAddress(InetAddress.getByAddress(host, bytes), address.getPort());
        } catch (UnknownHostException x) {
            throw new IllegalStateException(x); // only for bytes of a wrong length
        }
    }

    /** As it stands in a CONNECT (RFC 9110, section 7.1): always with the port. */
    String withPort() {
        return bracketed() + ":" + port;
    }

    private String bracketed() {
        return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    }

    /** As it stands in Host (RFC 9110, section 7.2): without a scheme's own port. */
    @Override
    public String toString() {
        return port == (secure ? 443 : 80) ? bracketed() : withPort();
    }
}
