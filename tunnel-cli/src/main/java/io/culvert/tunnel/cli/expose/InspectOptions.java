package io.culvert.tunnel.cli.expose;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.inspector.Inspector;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Whether the command shows what passes on a page. */
final class InspectOptions {
    /** Where it is looked for first. */
    private static final int USUAL_PORT = 4040;

    @Option(
            names = "--inspect",
            arity = "0..1",
            paramLabel = "PORT",
            fallbackValue = "4040",
            description = {
                "Shows what passes on a page at http://127.0.0.1:PORT, for this machine only (default: 4040, else any free one).",
                "On by default where the live status is shown."
            })
    private Integer port;

    @Option(names = "--no-inspect", description = "Does not show what passes on a page.")
    private boolean off;

    /**
     * What there is to be; the view is told where the page is.
     *
     * @throws TunnelException if the port that was asked for cannot be had
     */
    Inspection open(View view) {
        Optional<Inspector> inspector = off || port == null && !view.isLive() ? Optional.empty() : Optional.of(start());
        inspector.ifPresent(started -> view.inspectedAt(started.uri()));
        return new Inspection(inspector);
    }

    private Inspector start() {
        try {
            return Inspector.builder().port(port == null ? USUAL_PORT : port).start();
        } catch (TunnelException x) {
            if (port == null && x.error() == TunnelError.BIND_FAILED) {
                return Inspector.start(); // another command has the usual one
            }
            throw x;
        }
    }
}
