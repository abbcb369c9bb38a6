package io.culvert.tunnel.cli.demo;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;

/** Server-sent events, one a second until the visitor leaves. */
final class EventsHandler extends Handler.Abstract.NonBlocking {
    /** Milliseconds between two events. */
    static final long INTERVAL = 1_000;

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        Scheduler scheduler = request.getConnectionMetaData().getConnector().getScheduler();
        new Events(scheduler, response, callback).run();
        return true;
    }

    /** The events of one visitor: the next is scheduled when the last is written. */
    private static final class Events implements Runnable, Callback {
        private final Scheduler scheduler;
        private final Response response;
        private final Callback callback;
        private int number;

        Events(Scheduler scheduler, Response response, Callback callback) {
            this.scheduler = scheduler;
            this.response = response;
            this.callback = callback;
        }

        @Override
        public void run() {
            number++;
            String event = "id: %d\nevent: tick\ndata: {\"number\":%d,\"time\":\"%s\"}\n\n"
                    .formatted(number, number, Instant.now());
            response.write(false, ByteBuffer.wrap(event.getBytes(StandardCharsets.US_ASCII)), this);
        }

        @Override
        public void succeeded() {
            scheduler.schedule(this, INTERVAL, TimeUnit.MILLISECONDS);
        }

        @Override
        public void failed(Throwable gone) {
            callback.failed(gone);
        }
    }
}
