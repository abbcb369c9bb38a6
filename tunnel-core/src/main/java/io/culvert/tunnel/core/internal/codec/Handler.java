package io.culvert.tunnel.core.internal.codec;

import com.fasterxml.jackson.core.JsonGenerator;
import io.culvert.tunnel.message.TunnelMessage;
import java.io.IOException;
import java.util.Locale;

/**
 * How the record of one type is written and read.
 *
 * @param type the record
 * @param writer writes the fields behind the tag
 * @param reader reads the fields, in any order
 */
record Handler<T extends TunnelMessage>(Class<T> type, Writer<T> writer, Reader<T> reader) {
    @FunctionalInterface
    interface Writer<T> {
        void write(T message, JsonGenerator to) throws IOException;
    }

    @FunctionalInterface
    interface Reader<T> {
        T read(FieldReader from) throws IOException;
    }

    /** The value of {@code "type"}. */
    String tag() {
        return type.getSimpleName().toLowerCase(Locale.ROOT);
    }

    void write(TunnelMessage message, JsonGenerator to) throws IOException {
        writer.write(type.cast(message), to);
    }
}
