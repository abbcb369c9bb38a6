package io.culvert.tunnel.cli.expose;

import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.cli.options.LocalService;
import io.culvert.tunnel.cli.shell.Shell;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How services are found, and how they should be reached. */
final class TunnelOptions {
    /** The names, as words of the command line and for the configuration's messages. */
    private static final List<String> NAMES = List.of(
            "--name", "--host", "--public-port", "--host-header", "--local-host", "--local-trust", "--local-insecure");

    /** What can be had by one tunnel only. */
    private static final List<String> UNIQUE = List.of("--name", "--host", "--public-port");

    private static final Pattern NAMED = Pattern.compile("([A-Za-z0-9-]{1,63})=(.+)");

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

    @Mixin
    private ProtectionOptions protection;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /** Refuses options that a configuration file has in another place. */
    void refuseBeside(String configuration) {
        Stream.concat(NAMES.stream(), ProtectionOptions.NAMES.stream())
                .filter(this::isGiven)
                .findFirst()
                .ifPresent(option -> {
                    throw new ParameterException(
                            command.commandLine(),
                            option + " is for one SERVICE: beside " + configuration + ", write it into the file as '"
                                    + option.substring(2) + "'.");
                });
    }

    private boolean isGiven(String option) {
        return command.commandLine().getParseResult().hasMatchedOption(option);
    }

    /**
     * The tunnels for services.
     *
     * @param services each PORT, HOST:PORT or a URL, perhaps with NAME= before it
     * @param shell for what stands in the environment
     * @throws TunnelException {@code BAD_CONFIGURATION} or {@code NAME_INVALID} if one cannot be
     */
    List<Exposure.Wanted> wanted(List<String> services, Shell shell) {
        if (services.size() > 1) {
            UNIQUE.stream().filter(this::isGiven).findFirst().ifPresent(option -> {
                throw new ParameterException(
                        command.commandLine(),
                        option + " is for one SERVICE. Name each with NAME=SERVICE, or use a file: --config FILE.");
            });
        }
        List<Exposure.Wanted> wanted =
                services.stream().map(service -> wanted(service, shell)).toList();
        Set<String> names = new HashSet<>();
        wanted.forEach(one -> one.spec().name().filter(used -> !names.add(used)).ifPresent(used -> {
            throw new ParameterException(command.commandLine(), "Two tunnels are named '" + used + "'.");
        }));
        return wanted;
    }

    private Exposure.Wanted wanted(String argument, Shell shell) {
        Matcher named = NAMED.matcher(argument);
        boolean hasName = named.matches();
        String service = hasName ? named.group(2) : argument;
        LocalService local = LocalService.of(service, localHost);
        TunnelSpec.Builder builder = TunnelSpec.builder(local.port()).localHost(local.host());
        localTls.of(local).ifPresent(builder::localTls);
        if (hasName && name != null) {
            throw new ParameterException(
                    command.commandLine(), "--name " + name + " and " + argument + " name the tunnel twice.");
        }
        if (hasName || name != null) {
            builder.name(hasName ? named.group(1) : name);
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
        builder.protection(p -> protection.applyTo(p, shell));
        return new Exposure.Wanted(builder.build(), List.of());
    }
}
