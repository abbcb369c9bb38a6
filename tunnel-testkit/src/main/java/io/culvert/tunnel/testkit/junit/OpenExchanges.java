package io.culvert.tunnel.testkit.junit;

import io.culvert.tunnel.capture.CaptureListener;
import io.culvert.tunnel.capture.CapturedExchange;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The exchanges of an agent that go on. Bounded by the streams that are open. Thread-safe. */
final class OpenExchanges implements CaptureListener {
    private final Map<Long, CapturedExchange> open = new ConcurrentHashMap<>();

    @Override
    public void onChange(CapturedExchange exchange) {
        if (exchange.state() == CapturedExchange.State.OPEN) {
            open.put(exchange.number(), exchange);
        } else {
            open.remove(exchange.number());
        }
    }

    /** Those that go on now. */
    List<CapturedExchange> now() {
        return open.values().stream()
                .filter(exchange -> exchange.state() == CapturedExchange.State.OPEN)
                .toList();
    }
}
