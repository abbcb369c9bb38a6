package io.culvert.tunnel.cli.expose;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.culvert.tunnel.StreamInfo;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelMetrics;
import io.culvert.tunnel.TunnelState;
import io.culvert.tunnel.TunnelStats;
import io.culvert.tunnel.capture.CaptureListener;
import io.culvert.tunnel.capture.CapturedExchange;
import io.culvert.tunnel.cli.status.Ticker;
import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** One JSON object a line for each thing that happens, for scripts. docs/CLI.md says what is in them. */
final class JsonView implements View {
    private static final Duration STATS_INTERVAL = Duration.ofSeconds(5);

    private final PrintStream out;
    private final InstantSource clock;
    private final ObjectMapper mapper = JsonMapper.builder().build();
    private final Map<String, TunnelStats> told = new LinkedHashMap<>(); // guarded by this
    private final Map<Tunnel, TunnelState> states = new IdentityHashMap<>(); // guarded by this; of those exposed
    private final Ticker ticker = new Ticker("culvert-stats");
    private List<Exposure.Exposed> tunnels = List.of(); // guarded by this
    private boolean over; // guarded by this

    JsonView(PrintStream out, InstantSource clock) {
        this.out = out;
        this.clock = clock;
    }

    @Override
    public void observe(TunnelAgent.Builder agent) {
        agent.listener(this::state).metrics(new TunnelMetrics() {
            @Override
            public void streamFailed(StreamInfo stream, TunnelError error) {
                Map<String, Object> event = event("stream-failed", stream.tunnel());
                event.put("error", error.code());
                event.put("message", error.advice());
                print(event);
            }
        });
    }

    @Override
    public Optional<CaptureListener> requests() {
        return Optional.of(this::request);
    }

    /** Of those that are over. */
    private void request(CapturedExchange exchange) {
        if (exchange.state() == CapturedExchange.State.OPEN) {
            return;
        }
        Map<String, Object> event = event("request", exchange.tunnel());
        event.put("method", exchange.request().method());
        event.put("target", exchange.request().target());
        exchange.response().ifPresent(response -> event.put("status", response.status()));
        exchange.totalTime().ifPresent(time -> event.put("ms", millis(time)));
        event.put("bytes_up", exchange.requestBytes());
        event.put("bytes_down", exchange.responseBytes());
        if (exchange.messageCount() > 0) {
            event.put("messages", exchange.messageCount());
        }
        event.put("transport", exchange.transport());
        event.put("end", exchange.state().name().toLowerCase(Locale.ROOT));
        exchange.problem().ifPresent(problem -> event.put("message", problem));
        print(event);
    }

    private static double millis(Duration time) {
        return time.toNanos() / 1_000 / 1e3;
    }

    @Override
    public void inspectedAt(URI page) {
        Map<String, Object> event = event("inspector", "");
        event.remove("tunnel");
        event.put("url", page.toString());
        print(event);
    }

    @Override
    public synchronized void exposed(List<Exposure.Exposed> all) {
        tunnels = all;
        for (Exposure.Exposed exposed : all) {
            Tunnel tunnel = exposed.tunnel();
            Map<String, Object> event = event("exposed", tunnel.name());
            event.put("url", tunnel.publicUrl().toString());
            event.put("service", Exposure.service(exposed.spec()));
            event.put("transport", tunnel.transport());
            print(event);
            states.put(tunnel, TunnelState.OPEN);
        }
        ticker.every(STATS_INTERVAL, this::stats);
    }

    /** Of tunnels that visitors were told of: their first OPEN is what {@code exposed} says. */
    private synchronized void state(Tunnel tunnel, TunnelState state, TunnelException cause) {
        TunnelState before = states.replace(tunnel, state);
        if (before == null || before == state) {
            return;
        }
        Map<String, Object> event = event("state", tunnel.name());
        event.put("state", state.name().toLowerCase(Locale.ROOT));
        if (cause != null) {
            event.put("error", cause.error().code());
            event.put("message", cause.getMessage());
        }
        print(event);
    }

    /** Those that changed. */
    private synchronized void stats() {
        for (Exposure.Exposed exposed : tunnels) {
            Tunnel tunnel = exposed.tunnel();
            TunnelStats stats = tunnel.stats();
            if (stats.equals(told.put(tunnel.name(), stats))) {
                continue;
            }
            Map<String, Object> event = event("stats", tunnel.name());
            event.put("open_streams", stats.openStreams());
            event.put("total_streams", stats.totalStreams());
            event.put("failed_streams", stats.failedStreams());
            event.put("bytes_up", stats.httpBytesUp() + stats.upgradeBytesUp());
            event.put("bytes_down", stats.httpBytesDown() + stats.upgradeBytesDown());
            tunnel.roundTrip().ifPresent(time -> event.put("round_trip_ms", millis(time)));
            print(event);
        }
    }

    private Map<String, Object> event(String kind, String tunnel) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("event", kind);
        event.put("time", Instant.ofEpochMilli(clock.millis()).toString());
        event.put("tunnel", tunnel);
        return event;
    }

    private synchronized void print(Map<String, Object> event) {
        if (over) {
            return;
        }
        try {
            out.println(mapper.writeValueAsString(event));
        } catch (JsonProcessingException x) {
            throw new IllegalStateException("text and numbers can be written", x);
        }
        out.flush();
    }

    @Override
    public void close() {
        ticker.close();
        stats();
        synchronized (this) {
            over = true;
        }
    }
}
