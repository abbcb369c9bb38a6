package io.culvert.tunnel.cli.status;

import io.culvert.tunnel.capture.CaptureListener;
import io.culvert.tunnel.capture.CapturedExchange;
import io.culvert.tunnel.capture.CapturedResponse;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The last requests. Thread-safe. */
public final class Requests implements CaptureListener {
    private static final int MAX = 100;

    private final ZoneId zone;
    private final Deque<CapturedExchange> last = new ArrayDeque<>(); // guarded by this; the newest last
    private final Set<CapturedExchange> known = Collections.newSetFromMap(new IdentityHashMap<>()); // guarded by this

    /** None yet; times are those of the zone. */
    public Requests(ZoneId zone) {
        this.zone = zone;
    }

    @Override
    public synchronized void onChange(CapturedExchange exchange) {
        if (!known.add(exchange)) {
            return;
        }
        last.addLast(exchange);
        if (last.size() > MAX) {
            CapturedExchange oldest = last.removeFirst();
            known.remove(oldest);
        }
    }

    /** All that are kept as they are now, the newest last. */
    public List<Picture.Request> all() {
        List<CapturedExchange> kept;
        synchronized (this) {
            kept = List.copyOf(last);
        }
        return kept.stream().map(this::row).toList();
    }

    private Picture.Request row(CapturedExchange exchange) {
        boolean over = exchange.state() != CapturedExchange.State.OPEN;
        boolean broken = exchange.state() == CapturedExchange.State.RESET;
        Optional<Duration> took = over ? exchange.totalTime() : exchange.answerTime();
        return new Picture.Request(
                LocalTime.ofInstant(exchange.startedAt(), zone),
                exchange.response().map(CapturedResponse::status).orElse(0),
                exchange.request().method() + " " + exchange.request().target(),
                took,
                exchange.responseBytes(),
                exchange.messageCount(),
                over,
                broken ? Optional.of(exchange.problem().orElse("reset")) : Optional.empty());
    }
}
