package io.culvert.tunnel.jetty.internal.agent;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.util.HostPort;

/**
 * An HTTP proxy on the way to a relay.
 *
 * @param host without the brackets of an IPv6 literal
 * @param port never absent
 * @param authorization how the agent proves to it who it is (RFC 7617); never log it
 */
record ProxyServer(String host, int port, Optional<HttpField> authorization) {
    static final int USUAL_PORT = 80;

    /** From an address such as {@code http://user:password@host:port}. */
    static ProxyServer of(URI address) {
        String host = HostPort.normalizeHost(address.getHost()).replaceAll("[\\[\\]]", "");
        int port = address.getPort() > 0 ? address.getPort() : USUAL_PORT;
        return new ProxyServer(
                host, port, Optional.ofNullable(address.getUserInfo()).map(ProxyServer::basic));
    }

    private static HttpField basic(String userInfo) {
        String credentials = userInfo.indexOf(':') < 0 ? userInfo + ":" : userInfo;
        String encoded = Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
        return new HttpField(HttpHeader.PROXY_AUTHORIZATION, "Basic " + encoded);
    }

    /** Where it is, without credentials. */
    @Override
    public String toString() {
        return HostPort.normalizeHost(host) + ":" + port;
    }
}
