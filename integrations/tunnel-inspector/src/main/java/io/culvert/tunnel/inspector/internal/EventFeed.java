package io.culvert.tunnel.inspector.internal;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.culvert.tunnel.capture.Traffic;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Tells one page of changes as server-sent events. Changes that come while the page has not taken the last event are joined, so a slow page
 * costs no more than one number an exchange.
 */
final class EventFeed {
    private static final long PAUSE_MILLIS = 100;
    private static final long COMMENT_MILLIS = 15_000;

    private final Traffic traffic;
    private final Scheduler scheduler;
    private final Response response;
    private final Callback callback;

    // All below are guarded by this.
    private final Set<Long> changed = new LinkedHashSet<>();
    private boolean everything = true;
    private boolean scheduled;
    private boolean writing;
    private boolean over;
    private long quietSince = System.nanoTime();

    private Runnable unwatch = () -> {};

    private EventFeed(Traffic traffic, Scheduler scheduler, Response response, Callback callback) {
        this.traffic = traffic;
        this.scheduler = scheduler;
        this.response = response;
        this.callback = callback;
    }

    static void start(Traffic traffic, Scheduler scheduler, Request request, Response response, Callback callback) {
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream;charset=utf-8");
        EventFeed feed = new EventFeed(traffic, scheduler, response, callback);
        feed.unwatch = traffic.watch(feed::changed);
        request.addFailureListener(failure -> feed.end(failure));
        feed.changed(0);
        feed.keepAlive();
    }

    private void changed(long number) {
        synchronized (this) {
            if (number == 0) {
                everything = true;
            } else {
                changed.add(number);
            }
            if (scheduled || writing || over) {
                return;
            }
            scheduled = true;
        }
        scheduler.schedule(this::write, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void keepAlive() {
        boolean quiet;
        synchronized (this) {
            if (over) {
                return;
            }
            quiet = !writing && System.nanoTime() - quietSince > TimeUnit.MILLISECONDS.toNanos(COMMENT_MILLIS);
            writing |= quiet;
        }
        if (quiet) {
            send(": still there\n\n");
        }
        scheduler.schedule(this::keepAlive, COMMENT_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void write() {
        boolean all;
        Set<Long> numbers;
        synchronized (this) {
            scheduled = false;
            if (writing || over) {
                return;
            }
            writing = true;
            all = everything;
            everything = false;
            numbers = new LinkedHashSet<>(changed);
            changed.clear();
        }
        send("event: " + (all ? "all" : "changed") + "\ndata: " + data(all, numbers) + "\n\n");
    }

    private ObjectNode data(boolean all, Set<Long> numbers) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        ArrayNode list = node.putArray("exchanges");
        if (all) {
            traffic.exchanges().forEach(exchange -> list.add(ExchangeJson.summary(exchange)));
        } else {
            numbers.forEach(
                    number -> traffic.exchange(number).ifPresent(exchange -> list.add(ExchangeJson.summary(exchange))));
        }
        node.put("recording", traffic.isRecording());
        ArrayNode tunnels = node.putArray("tunnels");
        traffic.tunnels().forEach(tunnel -> tunnels.addObject()
                .put("name", tunnel.name())
                .put("url", tunnel.publicUrl().toString())
                .put("state", tunnel.state().name().toLowerCase(java.util.Locale.ROOT)));
        return node;
    }

    private void send(String event) {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(event);
        response.write(false, bytes, Callback.from(this::written, this::end));
    }

    private void written() {
        synchronized (this) {
            writing = false;
            quietSince = System.nanoTime();
            if (changed.isEmpty() && !everything || scheduled || over) {
                return;
            }
            scheduled = true;
        }
        scheduler.schedule(this::write, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void end(Throwable cause) {
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
        }
        unwatch.run();
        callback.failed(cause);
    }
}
