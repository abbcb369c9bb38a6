package io.culvert.tunnel.cli.probe;

import io.culvert.tunnel.cli.application.LocalApplication;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IteratingNestedCallback;

/** The local service that a probe exposes: bytes of any number, an echo, a sink, and a WebSocket echo. */
final class ProbeService {
    static final String BYTES = "/bytes/";
    static final String ECHO = "/echo";
    static final String SINK = "/sink";
    static final String SOCKET = "/socket";

    /** The longest answer and the longest message; nobody but a probe should ask for more. */
    static final long MAX_BYTES = 1L << 32;

    static final int MAX_MESSAGE = 1 << 20;

    private static final ByteBuffer BLOCK = ByteBuffer.allocateDirect(64 * 1024).asReadOnlyBuffer();

    private ProbeService() {}

    static LocalApplication start() {
        return LocalApplication.start(
                "culvert-probe",
                Map.of(BYTES + "*", new BytesHandler(), ECHO, new EchoHandler(), SINK, new SinkHandler()),
                container -> {
                    container.setMaxBinaryMessageSize(MAX_MESSAGE);
                    container.setIdleTimeout(Duration.ofMinutes(1));
                    container.addMapping(SOCKET, (request, response, callback) -> new EchoEndpoint());
                });
    }

    /** As many bytes as the path says. */
    private static final class BytesHandler extends Handler.Abstract.NonBlocking {
        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            String wanted = Request.getPathInContext(request).substring(BYTES.length());
            if (!wanted.matches("[0-9]{1,10}") || Long.parseLong(wanted) > MAX_BYTES) {
                Response.writeError(request, response, callback, HttpStatus.NOT_FOUND_404);
                return true;
            }
            long length = Long.parseLong(wanted);
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/octet-stream");
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, length);
            new BytesWriter(response, length, callback).iterate();
            return true;
        }
    }

    private static final class BytesWriter extends IteratingNestedCallback {
        private final Response response;
        private long left;
        private boolean last;

        BytesWriter(Response response, long length, Callback callback) {
            super(callback);
            this.response = response;
            this.left = length;
        }

        @Override
        protected Action process() {
            if (last) {
                return Action.SUCCEEDED;
            }
            int next = (int) Math.min(left, BLOCK.capacity());
            left -= next;
            last = left == 0;
            response.write(last, BLOCK.slice(0, next), this);
            return Action.SCHEDULED;
        }
    }

    /** What came, as it came. */
    private static final class EchoHandler extends Handler.Abstract.NonBlocking {
        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            long length = request.getLength();
            if (length >= 0) {
                response.getHeaders().put(HttpHeader.CONTENT_LENGTH, length);
            }
            Content.copy(request, response, callback);
            return true;
        }
    }

    /** Takes everything and answers with 204. */
    private static final class SinkHandler extends Handler.Abstract.NonBlocking {
        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            Content.Source.consumeAll(
                    request,
                    Callback.from(
                            () -> {
                                response.setStatus(HttpStatus.NO_CONTENT_204);
                                response.write(true, null, callback);
                            },
                            callback::failed));
            return true;
        }
    }
}
