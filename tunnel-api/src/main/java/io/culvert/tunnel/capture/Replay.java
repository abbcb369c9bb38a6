package io.culvert.tunnel.capture;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.spi.Completion;
import io.culvert.tunnel.spi.DataStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A captured request that is to be sent to the local service once more, as it was or edited. It goes on a stream of its own, without the
 * relay between; what is answered is captured like everything else, under the transport {@code direct}. An upgrade is sent without its
 * {@code Upgrade} field, so as a plain request. Immutable: each edit makes a new one.
 */
public final class Replay {
    /** Tokens and targets that cannot smuggle a second request (RFC 9110, section 5.6.2; RFC 9112, section 3.2). */
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}");

    private static final Pattern TARGET = Pattern.compile("[\\x21-\\x7e]{1,16384}");
    private static final Pattern VALUE = Pattern.compile("[\\t\\x20-\\x7e\\x80-\\xff]*");

    /** Belong to a connection or to a body's framing, which are new. */
    private static final Set<String> DROPPED = Set.of(
            "connection", "keep-alive", "transfer-encoding", "content-length", "te", "trailer", "upgrade", "expect");

    private final String method;
    private final String target;
    private final List<CapturedField> fields;
    private final byte @Nullable [] body; // null: not kept whole

    private Replay(String method, String target, List<CapturedField> fields, byte @Nullable [] body) {
        this.method = method;
        this.target = target;
        this.fields = List.copyOf(fields);
        this.body = body;
    }

    /** The request of an exchange as it was. */
    public static Replay of(CapturedExchange exchange) {
        CapturedRequest request = exchange.request();
        CapturedBody body = exchange.requestBody();
        byte[] whole = body.isWhole() && body.ended() ? body.bytes() : null;
        return new Replay(request.method(), request.target(), request.fields(), whole);
    }

    /**
     * With another method.
     *
     * @throws IllegalArgumentException with a sentence for a person if it is no token
     */
    public Replay method(String other) {
        return new Replay(check(TOKEN, other, "The method"), target, fields, body);
    }

    /**
     * With another target: path and query, as they are to be sent.
     *
     * @throws IllegalArgumentException with a sentence for a person if it has characters that a target cannot have
     */
    public Replay target(String other) {
        return new Replay(method, check(TARGET, other, "The target"), fields, body);
    }

    /**
     * With other fields in place of all. Those that belong to the connection or frame the body are left out, as they are made anew.
     *
     * @throws IllegalArgumentException with a sentence for a person if one cannot be sent
     */
    public Replay fields(List<CapturedField> others) {
        for (CapturedField field : others) {
            check(TOKEN, field.name(), "A field's name");
            check(VALUE, field.value(), "The value of " + field.name());
        }
        return new Replay(method, target, others, body);
    }

    /**
     * With that value for a field, in place of all that have the name.
     *
     * @throws IllegalArgumentException with a sentence for a person if it cannot be sent
     */
    public Replay field(String name, String value) {
        List<CapturedField> others = new ArrayList<>(withoutField(name).fields);
        others.add(new CapturedField(name, value));
        return fields(others);
    }

    /** Without the fields of that name. */
    public Replay withoutField(String name) {
        List<CapturedField> others = fields.stream()
                .filter(field -> !field.name().equalsIgnoreCase(name))
                .toList();
        return new Replay(method, target, others, body);
    }

    /** With another body, which is copied. */
    public Replay body(byte[] other) {
        return new Replay(method, target, fields, other.clone());
    }

    /** With another body, in UTF-8. */
    public Replay body(String other) {
        return new Replay(method, target, fields, other.getBytes(StandardCharsets.UTF_8));
    }

    private static String check(Pattern allowed, String value, String what) {
        if (!allowed.matcher(value).matches()) {
            throw new IllegalArgumentException(what + " cannot be sent: it has characters that HTTP does not allow.");
        }
        return value;
    }

    /**
     * Sends it through a tunnel's agent, and reads the answer away.
     *
     * @return completes on any thread when the request is written, with the id of the {@linkplain CapturedExchange#stream stream} that
     *     carries it; or fails with a {@link io.culvert.tunnel.spi.StreamException}
     * @throws IllegalStateException if the body was not kept whole and was not replaced
     */
    public CompletionStage<String> sendTo(Tunnel tunnel) {
        ByteBuffer request = ByteBuffer.wrap(bytes());
        return tunnel.connect().thenCompose(stream -> {
            CompletableFuture<String> written = new CompletableFuture<>();
            stream.write(request, new Completion() {
                @Override
                public void succeeded() {
                    written.complete(stream.id());
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

    private byte[] bytes() {
        if (body == null) {
            throw new IllegalStateException(
                    "The body was not kept whole, so the request cannot be sent again as it was. "
                            + "Send it with an edited body.");
        }
        StringBuilder head =
                new StringBuilder(method).append(' ').append(target).append(" HTTP/1.1\r\n");
        for (CapturedField field : fields) {
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
        return all;
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
