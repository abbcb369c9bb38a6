package io.culvert.tunnel.inspector.internal;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.capture.CapturedField;
import io.culvert.tunnel.spi.Completion;
import io.culvert.tunnel.spi.DataStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

/** Sends a request to the local service once more, on a stream of its own. What it answers is captured like everything else. */
final class Replay {
    /** Tokens and targets that cannot smuggle a second request (RFC 9110, section 5.6.2; RFC 9112, section 3.2). */
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}");

    private static final Pattern TARGET = Pattern.compile("[\\x21-\\x7e]{1,16384}");
    private static final Pattern VALUE = Pattern.compile("[\\t\\x20-\\x7e\\x80-\\xff]*");

    /** Belong to a connection or to a body's framing, which are new. */
    private static final Set<String> DROPPED = Set.of(
            "connection", "keep-alive", "transfer-encoding", "content-length", "te", "trailer", "upgrade", "expect");

    private final byte[] request;

    private Replay(byte[] request) {
        this.request = request;
    }

    /**
     * A request to send.
     *
     * @throws IllegalArgumentException with a sentence for a person if it is no valid request
     */
    static Replay of(String method, String target, List<CapturedField> fields, byte[] body) {
        check(TOKEN, method, "The method");
        check(TARGET, target, "The target");
        StringBuilder head =
                new StringBuilder(method).append(' ').append(target).append(" HTTP/1.1\r\n");
        for (CapturedField field : fields) {
            check(TOKEN, field.name(), "A field's name");
            check(VALUE, field.value(), "The value of " + field.name());
            if (!DROPPED.contains(field.name().toLowerCase(Locale.ROOT))) {
                head.append(field.name()).append(": ").append(field.value()).append("\r\n");
            }
        }
        if (body.length > 0) {
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        head.append("Connection: close\r\n\r\n");
        byte[] first = head.toString().getBytes(StandardCharsets.ISO_8859_1);
        byte[] all = new byte[first.length + body.length];
        System.arraycopy(first, 0, all, 0, first.length);
        System.arraycopy(body, 0, all, first.length, body.length);
        return new Replay(all);
    }

    private static void check(Pattern allowed, String value, String what) {
        if (!allowed.matcher(value).matches()) {
            throw new IllegalArgumentException(what + " cannot be sent: it has characters that HTTP does not allow.");
        }
    }

    /** Sends it; completes when the request is written, and reads the answer away after that. */
    CompletableFuture<Void> send(Tunnel tunnel) {
        return tunnel.connect().toCompletableFuture().thenCompose(stream -> {
            CompletableFuture<Void> written = new CompletableFuture<>();
            stream.write(ByteBuffer.wrap(request), new Completion() {
                @Override
                public void succeeded() {
                    written.complete(null);
                }

                @Override
                public void failed(Throwable cause) {
                    written.completeExceptionally(cause);
                }
            });
            drain(stream, ByteBuffer.allocate(16 * 1024));
            return written;
        });
    }

    private static void drain(DataStream stream, ByteBuffer buffer) {
        try {
            int count = stream.read(buffer.clear());
            while (count > 0) {
                count = stream.read(buffer.clear());
            }
            if (count < 0) {
                stream.close();
            } else {
                stream.onReadable(() -> drain(stream, buffer));
            }
        } catch (IOException x) {
            stream.reset(x); // the capture says what happened
        }
    }
}
