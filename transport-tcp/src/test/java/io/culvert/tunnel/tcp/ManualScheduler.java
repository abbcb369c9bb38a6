package io.culvert.tunnel.tcp;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Time that passes when the test says so. Knows what the transport asks for, and nothing more; no mocks, as Mockito keeps all that a mock
 * leads to for as long as the process lives, and a fuzzer makes one of these for each input.
 */
final class ManualScheduler {
    private final ScheduledExecutorService service =
            only(ScheduledExecutorService.class, "schedule", (proxy, method, args) -> {
                TimeUnit unit = (TimeUnit) args[2];
                return add((Runnable) args[0], unit.toMillis((long) args[1]));
            });

    /** Guarded by this. */
    private final List<Timer> timers = new ArrayList<>();

    /** Guarded by this. */
    private long now;

    private record Timer(long at, Runnable task) {}

    /** Has one method. */
    private static <T> T only(Class<T> type, String name, InvocationHandler handler) {
        InvocationHandler one = (proxy, method, args) -> {
            if (!method.getName().equals(name)) {
                throw new UnsupportedOperationException(method.toString());
            }
            return handler.invoke(proxy, method, args);
        };
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, one));
    }

    private synchronized ScheduledFuture<?> add(Runnable task, long millis) {
        Timer timer = new Timer(now + millis, task);
        timers.add(timer);
        return only(ScheduledFuture.class, "cancel", (proxy, method, args) -> cancel(timer));
    }

    private synchronized boolean cancel(Timer timer) {
        return timers.remove(timer);
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
