package io.culvert.tunnel.core.internal.codec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.culvert.tunnel.message.TunnelMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Messages to JSON texts and back, as {@code docs/PROTOCOL.md} has it. Thread-safe; a channel has one of its own. */
public final class MessageCodec {
    /** The largest text of one message, in bytes of UTF-8. */
    public static final int MAX_MESSAGE_BYTES = 256 * 1024;

    private static final int MAX_DEPTH = 8;
    private static final int MAX_NAME_LENGTH = 256;
    private static final int MAX_NUMBER_LENGTH = 32;
    private static final int MAX_TYPES_LOGGED = 32;

    private static final Logger LOG = LoggerFactory.getLogger(MessageCodec.class);

    private static final JsonFactory JSON = new JsonFactoryBuilder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxDocumentLength(MAX_MESSAGE_BYTES)
                    .maxStringLength(MAX_MESSAGE_BYTES)
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNameLength(MAX_NAME_LENGTH)
                    .maxNumberLength(MAX_NUMBER_LENGTH)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
            .disable(JsonFactory.Feature.CHARSET_DETECTION)
            .build();

    private static final Map<Class<?>, Handler<?>> BY_CLASS = new HashMap<>();
    private static final Map<String, Handler<?>> BY_TAG = new HashMap<>();

    static {
        SessionMessages.handlers().forEach(MessageCodec::add);
        StreamMessages.handlers().forEach(MessageCodec::add);
    }

    private final Set<String> unknownTypes = ConcurrentHashMap.newKeySet();

    private static void add(Handler<?> handler) {
        BY_CLASS.put(handler.type(), handler);
        BY_TAG.put(handler.tag(), handler);
    }

    /**
     * The message's text in a new buffer, which is the caller's.
     *
     * @throws IllegalArgumentException if the text exceeds {@link #MAX_MESSAGE_BYTES}
     */
    public ByteBuffer encode(TunnelMessage message) {
        return encode(message, new TextBuffer());
    }

    /**
     * The message's text in the given buffer, valid until that is used again.
     *
     * @throws IllegalArgumentException if the text exceeds {@link #MAX_MESSAGE_BYTES}
     */
    public ByteBuffer encode(TunnelMessage message, TextBuffer buffer) {
        Handler<?> handler = BY_CLASS.get(message.getClass());
        buffer.clear();
        try (JsonGenerator to = JSON.createGenerator(buffer)) {
            to.writeStartObject();
            to.writeStringField("type", handler.tag());
            handler.write(message, to);
            to.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("A " + handler.tag() + " message could not be written.", e);
        }
        ByteBuffer text = buffer.content();
        if (text.remaining() > MAX_MESSAGE_BYTES) {
            throw new IllegalArgumentException("A " + handler.tag() + " message of " + text.remaining()
                    + " bytes exceeds the limit of " + MAX_MESSAGE_BYTES + ".");
        }
        return text;
    }

    /**
     * The message that a text stands for.
     *
     * @param utf8 read from its position to its limit; left as it is, and not kept
     * @return {@code null} if the type is unknown to this version; that is logged once for each type
     * @throws MalformedMessageException if the text is no message of the protocol
     */
    public @Nullable TunnelMessage decode(ByteBuffer utf8) throws MalformedMessageException {
        if (utf8.remaining() > MAX_MESSAGE_BYTES) {
            throw new MalformedMessageException("A message exceeds " + MAX_MESSAGE_BYTES + " bytes.");
        }
        byte[] text;
        int offset = 0;
        int length = utf8.remaining();
        if (utf8.hasArray()) {
            text = utf8.array();
            offset = utf8.arrayOffset() + utf8.position();
        } else {
            text = new byte[length];
            utf8.get(utf8.position(), text);
        }
        try {
            return decode(text, offset, length);
        } catch (MalformedMessageException e) {
            throw e;
        } catch (StreamConstraintsException e) {
            throw new MalformedMessageException("A message is nested too deeply or has too long a name or number.");
        } catch (IOException e) {
            // Not as a cause: the parser's words may hold what the peer sent.
            throw new MalformedMessageException("A message is not valid JSON, or has a field twice.");
        }
    }

    /** One pass if the type comes first, as everyone writes it; else a second one once the type is known. */
    private @Nullable TunnelMessage decode(byte[] text, int offset, int length) throws IOException {
        String type = null;
        try (JsonParser parser = JSON.createParser(text, offset, length)) {
            FieldReader from = new FieldReader(parser, text, offset, length);
            from.start();
            String field = from.next();
            if ("type".equals(field)) {
                Handler<?> handler = BY_TAG.get(from.text());
                if (handler != null) {
                    return read(handler, from);
                }
            }
            for (; field != null; field = from.next()) {
                if (field.equals("type")) {
                    type = from.text();
                } else {
                    from.skip();
                }
            }
            from.finish();
        }
        Handler<?> handler = BY_TAG.get(FieldReader.required(type, "type"));
        if (handler == null) {
            logUnknown(type);
            return null;
        }
        try (JsonParser parser = JSON.createParser(text, offset, length)) {
            FieldReader from = new FieldReader(parser, text, offset, length);
            from.start();
            return read(handler, from);
        }
    }

    private static TunnelMessage read(Handler<?> handler, FieldReader from) throws IOException {
        TunnelMessage message = handler.reader().read(from);
        from.finish();
        return message;
    }

    private void logUnknown(String type) {
        String name = FieldReader.quoted(type);
        if (unknownTypes.size() < MAX_TYPES_LOGGED && unknownTypes.add(name)) {
            LOG.warn("Skipped a message of the unknown type '{}'. The peer may be of a newer version.", name);
        }
    }
}
