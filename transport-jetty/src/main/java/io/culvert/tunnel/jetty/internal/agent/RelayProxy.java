package io.culvert.tunnel.jetty.internal.agent;

import java.net.URI;
import org.eclipse.jetty.client.Authentication;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.HttpProxy;
import org.eclipse.jetty.client.Origin;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.http.HttpField;

/** A proxy for one relay, as Jetty's client uses it: always with CONNECT, as a WebSocket needs a connection of its own. */
final class RelayProxy extends HttpProxy {
    private final Authority relay;

    RelayProxy(ProxyServer server, Authority relay) {
        super(new Origin.Address(server.host(), server.port()), false);
        this.relay = relay;
    }

    /** Makes a client use it. */
    static void use(ProxyServer server, Authority relay, HttpClient client) {
        RelayProxy proxy = new RelayProxy(server, relay);
        server.authorization().ifPresent(field -> client.getAuthenticationStore()
                .addAuthenticationResult(new Credentials(proxy.getURI(), field)));
        client.getProxyConfiguration().addProxy(proxy);
    }

    @Override
    public boolean matches(Origin origin) {
        return origin.isSecure() == relay.secure()
                && origin.getAddress().getHost().equalsIgnoreCase(relay.host())
                && origin.getAddress().getPort() == relay.port();
    }

    @Override
    public boolean requiresTunnel(Origin origin) {
        return true;
    }

    private record Credentials(URI uri, HttpField field) implements Authentication.Result {
        @Override
        public URI getURI() {
            return uri;
        }

        @Override
        public void apply(Request request) {
            request.headers(headers -> headers.put(field));
        }
    }
}
