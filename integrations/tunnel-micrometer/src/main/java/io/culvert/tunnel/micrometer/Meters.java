package io.culvert.tunnel.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Makes meters.
 *
 * @param registry where
 * @param common tags of all of them
 */
record Meters(MeterRegistry registry, Tags common) {
    /** A gauge that shows the number. */
    AtomicLong gauge(String name, String description, @Nullable String unit, String... tags) {
        AtomicLong value = new AtomicLong();
        Gauge.builder(name, value, AtomicLong::doubleValue)
                .description(description)
                .baseUnit(unit)
                .tags(common.and(tags))
                .register(registry);
        return value;
    }

    Counter counter(String name, String description, @Nullable String unit, String... tags) {
        return Counter.builder(name)
                .description(description)
                .baseUnit(unit)
                .tags(common.and(tags))
                .register(registry);
    }

    Timer timer(String name, String description, String... tags) {
        return Timer.builder(name)
                .description(description)
                .tags(common.and(tags))
                .register(registry);
    }
}
