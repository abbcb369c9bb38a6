package io.culvert.tunnel.cli.relay;

import io.culvert.tunnel.TlsKeys;
import io.culvert.tunnel.cli.shell.Shell;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What a relay proves who it is with. */
final class TlsOptions {
    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            description = {
                "Speaks TLS (https, wss) with this certificate: PEM, the relay's own first, then the chain.",
                "Needs --tls-key. Read again when it changes."
            })
    private Path certificate;

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            description = "The certificate's private key: PEM, not encrypted.")
    private Path key;

    @Option(
            names = "--tls-keystore",
            paramLabel = "FILE",
            description = {
                "Speaks TLS with the certificates and keys of this PKCS #12 file.",
                "Its password is $TUNNEL_KEYSTORE_PASSWORD."
            })
    private Path keyStore;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /** The keys; empty to speak without TLS. */
    Optional<TlsKeys> keys(Shell shell) {
        if ((certificate == null) != (key == null)) {
            throw new ParameterException(command.commandLine(), "--tls-cert and --tls-key need each other.");
        }
        if (certificate != null && keyStore != null) {
            throw new ParameterException(
                    command.commandLine(), "--tls-keystore excludes --tls-cert: give the certificate in one way.");
        }
        if (keyStore != null) {
            return Optional.of(TlsKeys.pkcs12(
                    keyStore, shell.variable("TUNNEL_KEYSTORE_PASSWORD").orElse("")));
        }
        return certificate == null ? Optional.empty() : Optional.of(TlsKeys.pem(certificate, key));
    }
}
