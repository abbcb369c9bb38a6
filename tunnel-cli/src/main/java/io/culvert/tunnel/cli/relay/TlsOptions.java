package io.culvert.tunnel.cli.relay;

import io.culvert.tunnel.TlsKeys;
import io.culvert.tunnel.TlsTrust;
import io.culvert.tunnel.TunnelRelay;
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

    @Option(
            names = "--agent-port",
            paramLabel = "PORT",
            description = "A port for agents alone; they find nothing at the visitors' then (default: the same port).")
    private Integer agentPort;

    @Option(
            names = "--agent-ca",
            paramLabel = "FILE",
            description = {
                "Asks agents for a certificate that one of this PEM file's vouches for. Read again when it changes.",
                "Needs --tls-cert and --agent-port. Without --token-file such a certificate is enough."
            })
    private Path agentAuthorities;

    @Option(
            names = "--agent-cert-optional",
            description = "With --agent-ca: lets agents without a certificate try a token of --token-file.")
    private boolean agentCertificateOptional;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /** Sets what concerns agents. */
    void applyTo(TunnelRelay.Builder relay) {
        if (agentPort != null) {
            relay.agentPort(agentPort);
        }
        if (agentAuthorities != null) {
            relay.agentCertificates(TlsTrust.pem(agentAuthorities))
                    .agentCertificatesRequired(!agentCertificateOptional);
        } else if (agentCertificateOptional) {
            throw new ParameterException(command.commandLine(), "--agent-cert-optional needs --agent-ca.");
        }
    }

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
