package io.culvert.tunnel.cli.expose;

import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.cli.options.LocalService;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a service is found, and how it should be reached. */
final class TunnelOptions {
    @Option(
            names = {"-n", "--name"},
            paramLabel = "NAME",
            description = "The tunnel's name under the relay's domain (default: a random one).")
    private String name;

    @Option(
            names = "--host",
            paramLabel = "HOST",
            description = "A host of your own whose DNS points at the relay, such as app.example.org.")
    private String host;

    @Option(
            names = "--public-port",
            paramLabel = "PORT",
            description = "A port of the tunnel's own at the relay; 0 for any.")
    private Integer publicPort;

    @Option(
            names = "--host-header",
            paramLabel = "HOST",
            description = "The Host that the local service sees, such as localhost:3000 (default: the visitor's).")
    private String hostHeader;

    @Option(
            names = "--local-host",
            paramLabel = "HOST",
            defaultValue = "localhost",
            description =
                    "Where the service listens if SERVICE is a mere port (default: ${DEFAULT-VALUE}, IPv4 or IPv6).")
    private String localHost;

    @Mixin
    private LocalTlsOptions localTls;

    /**
     * The tunnel for a service.
     *
     * @throws TunnelException {@code BAD_CONFIGURATION} or {@code NAME_INVALID} if it cannot be one
     */
    TunnelSpec spec(String service) {
        LocalService local = LocalService.of(service, localHost);
        TunnelSpec.Builder builder = TunnelSpec.builder(local.port()).localHost(local.host());
        localTls.of(local).ifPresent(builder::localTls);
        if (name != null) {
            builder.name(name);
        }
        if (host != null) {
            builder.host(host);
        }
        if (hostHeader != null) {
            builder.hostHeader(hostHeader);
        }
        if (publicPort != null) {
            builder.publicPort(publicPort);
        }
        return builder.build();
    }
}
