package io.culvert.tunnel.cli.demo;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Tells as JSON how the application is. */
final class StatusHandler extends Handler.Abstract.NonBlocking {
    private final AtomicLong asked = new AtomicLong();

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        String json = "{\"status\":\"ok\",\"asked\":%d,\"time\":\"%s\",\"java\":\"%s\"}"
                .formatted(asked.incrementAndGet(), Instant.now(), Runtime.version());
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        response.write(true, ByteBuffer.wrap(body), callback);
        return true;
    }
}
