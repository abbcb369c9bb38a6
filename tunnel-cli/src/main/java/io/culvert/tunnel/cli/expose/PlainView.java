package io.culvert.tunnel.cli.expose;

import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.capture.CaptureListener;
import io.culvert.tunnel.cli.shell.Shell;
import io.culvert.tunnel.cli.status.QrBlocks;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** The public URLs on standard output, one a line and nothing else; the log tells the rest on standard error. */
final class PlainView implements View {
    private final Shell shell;
    private final boolean qr;

    PlainView(Shell shell, boolean qr) {
        this.shell = shell;
        this.qr = qr;
    }

    @Override
    public void observe(TunnelAgent.Builder agent) {
        // The agent logs.
    }

    @Override
    public Optional<CaptureListener> requests() {
        return Optional.empty();
    }

    @Override
    public void inspectedAt(URI page) {
        shell.err().println("Inspect at " + page);
    }

    @Override
    public void exposed(List<Exposure.Exposed> tunnels) {
        for (Exposure.Exposed exposed : tunnels) {
            String url = exposed.tunnel().publicUrl().toString();
            shell.out().println(url);
            if (qr) {
                QrBlocks.of(url)
                        .forEach(line -> shell.err().println(shell.style().qr(line)));
            }
        }
        shell.out().flush();
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
