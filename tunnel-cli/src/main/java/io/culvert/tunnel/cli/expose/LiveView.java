package io.culvert.tunnel.cli.expose;

import io.culvert.tunnel.StreamInfo;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelMetrics;
import io.culvert.tunnel.TunnelState;
import io.culvert.tunnel.capture.CaptureListener;
import io.culvert.tunnel.cli.shell.Shell;
import io.culvert.tunnel.cli.shell.Signals;
import io.culvert.tunnel.cli.status.Events;
import io.culvert.tunnel.cli.status.LogLines;
import io.culvert.tunnel.cli.status.Picture;
import io.culvert.tunnel.cli.status.QrBlocks;
import io.culvert.tunnel.cli.status.Rates;
import io.culvert.tunnel.cli.status.Renderer;
import io.culvert.tunnel.cli.status.Requests;
import io.culvert.tunnel.cli.status.Screen;
import io.culvert.tunnel.cli.status.Ticker;
import io.culvert.tunnel.cli.terminal.Size;
import java.net.URI;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A picture of the tunnels on the terminal, drawn again whenever something changed. */
final class LiveView implements View {
    private static final Duration INTERVAL = Duration.ofMillis(250);

    /** How many drawings after which everything is drawn, as what is typed leaves its marks. */
    private static final int REPAIR = 8;

    private final Shell shell;
    private final String relay;
    private final boolean qr;
    private final Renderer renderer;
    private final Screen screen;
    private final Events events = new Events(LocalTime::now);
    private final Requests requests = new Requests(ZoneId.systemDefault());
    private final Rates rates = new Rates();
    private final Ticker ticker = new Ticker("culvert-status");
    private final long start = System.nanoTime();
    private final Optional<LogLines> log;

    private volatile List<Exposure.Exposed> tunnels = List.of();
    private volatile Optional<String> page = Optional.empty();

    // Touched by the ticker's thread only.
    private Size size;
    private List<String> code = List.of();
    private int drawings;

    LiveView(Shell shell, String relay, boolean qr) {
        this.shell = shell;
        this.relay = relay;
        this.qr = qr;
        this.renderer = new Renderer(shell.style());
        this.screen = new Screen(shell.out());
        this.log = shell.terminal().takesErrors() ? Optional.of(LogLines.take(events::addLog)) : Optional.empty();
        shell.stop().lastWords(screen::close);
        size = shell.terminal().size();
        Signals.on("WINCH", () -> ticker.now(this::resize));
        Signals.on("CONT", () -> ticker.now(this::resize));
        ticker.every(INTERVAL, this::draw);
    }

    @Override
    public void observe(TunnelAgent.Builder agent) {
        agent.listener(this::state).metrics(new TunnelMetrics() {
            @Override
            public void streamFailed(StreamInfo stream, TunnelError error) {
                events.add(Picture.Tone.BAD, "failed", stream.tunnel() + ": " + error.advice());
            }
        });
    }

    @Override
    public Optional<CaptureListener> requests() {
        return Optional.of(requests);
    }

    private void state(Tunnel tunnel, TunnelState state, TunnelException cause) {
        Picture.Tone tone =
                switch (state) {
                    case OPEN -> Picture.Tone.GOOD;
                    case CONNECTING, DRAINING -> Picture.Tone.DOUBTFUL;
                    case CLOSED -> Picture.Tone.BAD;
                };
        String why = cause == null ? "" : ": " + cause.getMessage();
        events.add(tone, "state", tunnel.name() + " is " + state.name().toLowerCase(Locale.ROOT) + why);
    }

    @Override
    public boolean isLive() {
        return true;
    }

    @Override
    public void inspectedAt(URI where) {
        page = Optional.of(where.toString());
    }

    @Override
    public void exposed(List<Exposure.Exposed> all) {
        tunnels = all;
        ticker.now(() -> {
            if (qr) {
                code = QrBlocks.of(all.get(0).tunnel().publicUrl().toString());
            }
            draw();
        });
    }

    private void resize() {
        size = shell.terminal().size();
        drawings = 0;
        draw();
    }

    private void draw() {
        List<Picture.Row> rows = tunnels.stream().map(this::row).toList();
        Duration age = Duration.ofNanos(System.nanoTime() - start);
        Picture picture = new Picture(relay, age, page, rows, requests.all(), events.all(), code);
        // The last column stays free: once something is there the cursor stays on it, and what erases the rest of the
        // line erases it.
        Size room = new Size(size.columns() - 1, size.rows());
        screen.draw(renderer.lines(picture, room), size, drawings++ % REPAIR == 0);
    }

    private Picture.Row row(Exposure.Exposed exposed) {
        Tunnel tunnel = exposed.tunnel();
        return rates.row(
                tunnel.state(),
                tunnel.publicUrl().toString(),
                Exposure.service(exposed.spec()),
                tunnel.transport(),
                tunnel.roundTrip(),
                tunnel.stats(),
                System.nanoTime());
    }

    /** Gives the terminal back, with what the tunnels did as a last line each. */
    @Override
    public void close() {
        ticker.close();
        screen.close();
        log.ifPresent(LogLines::release);
        tunnels.stream().map(this::row).map(Renderer::farewell).forEach(shell.out()::println);
        shell.out().flush();
    }
}
