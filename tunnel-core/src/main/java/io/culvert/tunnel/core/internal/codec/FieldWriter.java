package io.culvert.tunnel.core.internal.codec;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes the kinds of fields that messages have, beyond what the generator offers. */
final class FieldWriter {
    private FieldWriter() {}

    static void optional(JsonGenerator to, String field, @Nullable String value) throws IOException {
        if (value != null) {
            to.writeStringField(field, value);
        }
    }

    static void optional(JsonGenerator to, String field, @Nullable ByteBuffer value) throws IOException {
        if (value != null) {
            bytes(to, field, value);
        }
    }

    /** Leaves the buffer's position as it is. The value goes past the generator, which copies it once more and whose encoder is slow. */
    static void bytes(JsonGenerator to, String field, ByteBuffer value) throws IOException {
        to.writeFieldName(field);
        to.writeRawValue(""); // the colon, and for the generator the value
        to.flush();
        ((TextBuffer) to.getOutputTarget()).writeBase64(value);
    }

    static void texts(JsonGenerator to, String field, List<String> values) throws IOException {
        to.writeArrayFieldStart(field);
        for (String value : values) {
            to.writeString(value);
        }
        to.writeEndArray();
    }

    static void map(JsonGenerator to, String field, Map<String, String> values) throws IOException {
        to.writeObjectFieldStart(field);
        for (Map.Entry<String, String> entry : values.entrySet()) {
            to.writeStringField(entry.getKey(), entry.getValue());
        }
        to.writeEndObject();
    }

    static <T> void object(JsonGenerator to, String field, T value, Handler.Writer<T> writer) throws IOException {
        to.writeObjectFieldStart(field);
        writer.write(value, to);
        to.writeEndObject();
    }

    static <T> void objects(JsonGenerator to, String field, List<T> values, Handler.Writer<T> writer)
            throws IOException {
        to.writeArrayFieldStart(field);
        for (T value : values) {
            to.writeStartObject();
            writer.write(value, to);
            to.writeEndObject();
        }
        to.writeEndArray();
    }
}
