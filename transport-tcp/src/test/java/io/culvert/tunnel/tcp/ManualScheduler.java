package io.culvert.tunnel.tcp;

import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyBoolean;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Time that passes when the test says so. */
final class ManualScheduler {
    private final ScheduledExecutorService service = mock();

    /** Guarded by this. */
    private final List<Timer> timers = new ArrayList<>();

    /** Guarded by this. */
    private long now;

    private record Timer(long at, Runnable task) {}

    ManualScheduler() {
        when(service.schedule(any(Runnable.class), anyLong(), any())).thenAnswer(call -> {
            TimeUnit unit = call.getArgument(2);
            return add(call.getArgument(0), unit.toMillis(call.getArgument(1)));
        });
    }

    private synchronized ScheduledFuture<?> add(Runnable task, long millis) {
        Timer timer = new Timer(now + millis, task);
        timers.add(timer);
        ScheduledFuture<?> future = mock();
        when(future.cancel(anyBoolean())).thenAnswer(call -> {
            synchronized (this) {
                return timers.remove(timer);
            }
        });
        return future;
    }

    ScheduledExecutorService service() {
        return service;
    }

    synchronized int waiting() {
        return timers.size();
    }

    void advance(Duration by) {
        List<Timer> due;
        synchronized (this) {
            now += by.toMillis();
            due = timers.stream()
                    .filter(timer -> timer.at() <= now)
                    .sorted(Comparator.comparingLong(Timer::at))
                    .toList();
            timers.removeAll(due);
        }
        due.forEach(timer -> timer.task().run());
    }
}
