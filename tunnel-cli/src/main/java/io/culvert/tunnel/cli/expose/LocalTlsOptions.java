package io.culvert.tunnel.cli.expose;

import io.culvert.tunnel.LocalTls;
import io.culvert.tunnel.cli.options.LocalService;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Whom an agent takes for a local service that speaks TLS. */
final class LocalTlsOptions {
    @Option(
            names = "--local-trust",
            paramLabel = "FILE",
            description = "For an https service: trusts the certificates in this PEM file, not the JDK's authorities.")
    private Path trust;

    @Option(names = "--local-insecure", description = "For an https service: takes any certificate.")
    private boolean insecure;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /** How to speak TLS to the service; empty to speak without. */
    Optional<LocalTls> of(LocalService service) {
        if (insecure && trust != null) {
            throw wrongUsage("--local-trust and --local-insecure exclude each other.");
        }
        if (!service.tls()) {
            if (insecure || trust != null) {
                throw wrongUsage("--local-trust and --local-insecure need a service at https://HOST:PORT.");
            }
            return Optional.empty();
        }
        if (insecure) {
            return Optional.of(LocalTls.insecure());
        }
        return Optional.of(trust == null ? LocalTls.verified() : LocalTls.trusting(trust));
    }

    private ParameterException wrongUsage(String message) {
        return new ParameterException(command.commandLine(), message);
    }
}
