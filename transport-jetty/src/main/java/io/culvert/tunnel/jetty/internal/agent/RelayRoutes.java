package io.culvert.tunnel.jetty.internal.agent;

import io.culvert.tunnel.AgentOptions;
import io.culvert.tunnel.jetty.RelayRoute;
import java.net.URI;
import java.util.Optional;
import java.util.function.Function;
import org.eclipse.jetty.http.HttpField;
import org.jspecify.annotations.Nullable;

/** What the dialler knows of a way, for those who only want to look at it. */
public final class RelayRoutes {
    private RelayRoutes() {}

    /** The way to a relay; {@code environment} gives a variable or {@code null}. */
    public static RelayRoute to(URI relay, AgentOptions options, Function<String, @Nullable String> environment) {
        Authority authority = Authority.of(relay);
        Optional<RelayRoute.Proxy> proxy = new ProxyChoice(options.proxy(), environment)
                .to(authority)
                .map(server -> new RelayRoute.Proxy(
                        server.host(), server.port(), server.authorization().map(HttpField::getValue)));
        return new RelayRoute(authority.host(), authority.port(), authority.secure(), proxy);
    }

    /** What went wrong when TLS was set up. */
    public static Optional<String> tlsProblem(Throwable failure) {
        return TlsProblem.of(failure);
    }
}
