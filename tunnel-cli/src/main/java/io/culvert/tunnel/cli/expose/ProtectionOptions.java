package io.culvert.tunnel.cli.expose;

import io.culvert.tunnel.Rate;
import io.culvert.tunnel.TunnelProtection;
import io.culvert.tunnel.cli.options.ByteCount;
import io.culvert.tunnel.cli.options.LoginFile;
import io.culvert.tunnel.cli.shell.Shell;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** Whom tunnels let in, and how much of them. */
final class ProtectionOptions {
    /** The names, as words of the command line and keys of a configuration file. */
    static final List<String> NAMES = List.of(
            "--login-file", "--allow", "--deny", "--rate", "--rate-per-visitor", "--max-requests", "--max-body");

    private static final String LOGIN = "TUNNEL_LOGIN";

    @Option(
            names = "--login-file",
            paramLabel = "FILE",
            description = {
                "Lets in visitors who know a password (basic authentication): a file with one user:password a line.",
                "Or one user:password in $TUNNEL_LOGIN. The relay gets salted hashes only."
            })
    private Path loginFile;

    @Option(
            names = "--allow",
            paramLabel = "ADDRESS",
            split = ",",
            description = "Lets in visitors from these addresses and networks only, such as 10.0.0.0/8.")
    private List<String> allowed = List.of();

    @Option(
            names = "--deny",
            paramLabel = "ADDRESS",
            split = ",",
            description = "Keeps visitors from these addresses and networks out.")
    private List<String> denied = List.of();

    @Option(
            names = "--rate",
            paramLabel = "RATE",
            description = "Requests of all visitors together, such as 20/s or 600/m; more get 429.")
    private String rate;

    @Option(
            names = "--rate-per-visitor",
            paramLabel = "RATE",
            description = "Requests from one address, such as 20/s or 600/m; more get 429.")
    private String ratePerVisitor;

    @Option(
            names = "--max-requests",
            paramLabel = "COUNT",
            description = "Requests and WebSockets at once; more get 503.")
    private Integer maxRequests;

    @Option(
            names = "--max-body",
            paramLabel = "BYTES",
            description = "The largest body of a request, such as 64k or 10M; a larger one gets 413.")
    private String maxBody;

    /**
     * Sets what was given.
     *
     * @throws io.culvert.tunnel.TunnelException {@code BAD_CONFIGURATION} if something cannot be
     */
    void applyTo(TunnelProtection.Builder protection, Shell shell) {
        if (loginFile != null) {
            LoginFile.addTo(protection, loginFile);
        }
        shell.variable(LOGIN).ifPresent(login -> LoginFile.add(protection, login, "$" + LOGIN));
        protection.allow(allowed.toArray(String[]::new)).deny(denied.toArray(String[]::new));
        if (rate != null) {
            protection.requests(Rate.parse(rate));
        }
        if (ratePerVisitor != null) {
            protection.requestsPerVisitor(Rate.parse(ratePerVisitor));
        }
        if (maxRequests != null) {
            protection.concurrentRequests(maxRequests);
        }
        if (maxBody != null) {
            protection.bodyBytes(ByteCount.parse(maxBody));
        }
    }
}
