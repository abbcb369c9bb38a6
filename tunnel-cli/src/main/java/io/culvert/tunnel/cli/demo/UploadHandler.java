package io.culvert.tunnel.cli.demo;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Takes a body of any size, holds none of it, and answers with its size and SHA-256. */
final class UploadHandler extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        if (!request.getMethod().equals("POST") && !request.getMethod().equals("PUT")) {
            response.getHeaders().put(HttpHeader.ALLOW, "POST, PUT");
            Response.writeError(request, response, callback, HttpStatus.METHOD_NOT_ALLOWED_405);
            return true;
        }
        new Upload(request, response, callback).run();
        return true;
    }

    /** One upload. Runs whenever there is more of the body, one run at a time. */
    private static final class Upload implements Runnable {
        private final Request request;
        private final Response response;
        private final Callback callback;
        private final MessageDigest digest = Checksum.sha256();
        private long bytes;

        Upload(Request request, Response response, Callback callback) {
            this.request = request;
            this.response = response;
            this.callback = callback;
        }

        @Override
        public void run() {
            while (true) {
                Content.Chunk chunk = request.read();
                if (chunk == null) {
                    request.demand(this);
                    return;
                }
                if (Content.Chunk.isFailure(chunk)) {
                    callback.failed(chunk.getFailure());
                    return;
                }
                ByteBuffer part = chunk.getByteBuffer();
                bytes += part.remaining();
                digest.update(part);
                boolean last = chunk.isLast();
                chunk.release();
                if (last) {
                    answer();
                    return;
                }
            }
        }

        private void answer() {
            String json = "{\"bytes\":%d,\"sha256\":\"%s\"}"
                    .formatted(bytes, HexFormat.of().formatHex(digest.digest()));
            byte[] body = json.getBytes(StandardCharsets.US_ASCII);
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
            response.write(true, ByteBuffer.wrap(body), callback);
        }
    }
}
