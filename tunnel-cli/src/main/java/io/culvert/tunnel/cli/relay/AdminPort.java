package io.culvert.tunnel.cli.relay;

import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.cli.options.AgentToken;
import io.culvert.tunnel.micrometer.MicrometerMetrics;
import io.culvert.tunnel.overview.RelayOverview;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A relay's port for who runs it: the overview, health, and metrics in the text format of Prometheus. */
final class AdminPort {
    private static final String TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8";

    @Option(
            names = "--admin",
            paramLabel = "[ADDRESS:]PORT",
            description = {
                "Opens a port with an overview page, /metrics (Prometheus), /healthz and /readyz;",
                "ADDRESS is 127.0.0.1 if not given.",
                "Anything but loopback needs --admin-token-file."
            })
    private String address;

    @Option(
            names = "--admin-token-file",
            paramLabel = "FILE",
            description = {
                "Asks for the token in this file on the admin port: as Bearer, or as the password of any user.",
                "/healthz and /readyz answer without."
            })
    private Path tokenFile;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /** Sets the port up, if it is asked for. The overview is to be shown the relay, and closed after it. */
    Optional<RelayOverview> applyTo(TunnelRelay.Builder relay) {
        if (address == null) {
            if (tokenFile != null) {
                throw new ParameterException(command.commandLine(), "--admin-token-file needs --admin.");
            }
            return Optional.empty();
        }
        int colon = address.lastIndexOf(':');
        String host = colon < 0 ? "127.0.0.1" : address.substring(0, colon).replaceAll("[\\[\\]]", "");
        int port = port(address.substring(colon + 1));
        PrometheusMeterRegistry registry = registry();
        RelayOverview overview = RelayOverview.start(new MicrometerMetrics(registry));
        relay.metrics(overview.metrics()).admin(admin -> {
            overview.addTo(admin);
            admin.bind(host).port(port).page("/metrics", TEXT_FORMAT, registry::scrape);
            if (tokenFile != null) {
                admin.token(AgentToken.read(tokenFile));
            }
        });
        return Optional.of(overview);
    }

    private int port(String text) {
        try {
            int port = Integer.parseInt(text);
            if (port >= 0 && port <= 65535) {
                return port;
            }
        } catch (NumberFormatException x) {
            // told below
        }
        throw new ParameterException(
                command.commandLine(),
                "--admin takes a port, or an address and a port such as 127.0.0.1:9090, and not '" + address + "'.");
    }

    private static PrometheusMeterRegistry registry() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        return registry;
    }
}
