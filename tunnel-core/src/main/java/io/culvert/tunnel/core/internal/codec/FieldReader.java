package io.culvert.tunnel.core.internal.codec;

import com.fasterxml.jackson.core.Base64Variants;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Walks through one JSON object field by field, strictly typed. A {@code null} counts as a field that is left out. */
final class FieldReader {
    private final JsonParser parser;
    private final byte[] text;
    private final int offset;
    private final int limit;
    private String field = "";

    /** Whether everything was read, although the parser does not know. */
    private boolean complete;

    /**
     * @param parser stands before the object
     * @param text what the parser reads
     * @param offset where in it the parser began
     * @param length how much of it the parser reads
     */
    FieldReader(JsonParser parser, byte[] text, int offset, int length) {
        this.parser = parser;
        this.text = text;
        this.offset = offset;
        this.limit = offset + length;
    }

    /** Enters the object. */
    void start() throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw new MalformedMessageException("A message must be a JSON object.");
        }
    }

    /** The name of the next field that has a value, or {@code null} at the object's end. */
    @Nullable
    String next() throws IOException {
        while (!complete && parser.nextToken() == JsonToken.FIELD_NAME) {
            field = parser.currentName();
            if (parser.nextToken() != JsonToken.VALUE_NULL) {
                return field;
            }
        }
        return null;
    }

    /** Nothing may follow the object. */
    void finish() throws IOException {
        if (!complete && parser.nextToken() != null) {
            throw new MalformedMessageException("Something follows the message's JSON object.");
        }
    }

    void skip() throws IOException {
        parser.skipChildren();
    }

    String text() throws IOException {
        require(JsonToken.VALUE_STRING, "a string");
        return parser.getText();
    }

    boolean flag() throws IOException {
        JsonToken token = parser.currentToken();
        if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
            throw mistyped("true or false");
        }
        return token == JsonToken.VALUE_TRUE;
    }

    int integer() throws IOException {
        long value = number();
        if (value != (int) value) {
            throw mistyped("a whole number of 32 bits");
        }
        return (int) value;
    }

    long number() throws IOException {
        require(JsonToken.VALUE_NUMBER_INT, "a whole number");
        try {
            return parser.getLongValue();
        } catch (JsonProcessingException e) {
            throw mistyped("a whole number of 64 bits");
        }
    }

    /** Standard base64 (RFC 4648, section 4) with padding and nothing between its characters. Not in a nested object. */
    ByteBuffer bytes() throws IOException {
        require(JsonToken.VALUE_STRING, "a string");
        ByteBuffer last = lastBytes();
        return last != null ? last : anyBytes();
    }

    /**
     * Bytes that are the message's last field, as nearly always, go through the JDK's decoder, which is several times as fast as the
     * parser's. What it takes holds no quote, so the string really ends where it was assumed to.
     *
     * @return {@code null} if they are not the last field, or not plain base64
     */
    private @Nullable ByteBuffer lastBytes() {
        int start = offset + (int) parser.currentTokenLocation().getByteOffset() + 1;
        int end = placeOfLast('"', placeOfLast('}', limit));
        if (end < start || (end - start) % 4 != 0) {
            return null;
        }
        try {
            ByteBuffer bytes = Base64.getDecoder().decode(ByteBuffer.wrap(text, start, end - start));
            complete = true;
            return bytes;
        } catch (IllegalArgumentException e) {
            return null; // the parser knows more exactly what it is
        }
    }

    /** Where the character is that comes last before a place, not counting white space; -1 if it is another one. */
    private int placeOfLast(char expected, int before) {
        int at = before - 1;
        while (at >= offset && (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t')) {
            at--;
        }
        return at >= offset && text[at] == expected ? at : -1;
    }

    private ByteBuffer anyBytes() throws IOException {
        long start = parser.currentTokenLocation().getByteOffset() + 1;
        byte[] bytes;
        try {
            bytes = parser.getBinaryValue(Base64Variants.MIME_NO_LINEFEEDS);
        } catch (JsonProcessingException e) {
            throw mistyped("standard base64 with padding");
        }
        long end = parser.currentLocation().getByteOffset() - 1;
        // The parser skips white space inside base64, which the protocol does not allow: it shows in the length.
        int expected = (bytes.length + 2) / 3 * 4;
        if (end - start != expected && characters((int) start, (int) end) != expected) {
            throw mistyped("standard base64 with padding");
        }
        return ByteBuffer.wrap(bytes);
    }

    /** The number of characters between two places of a JSON string; an escape counts as one. */
    private int characters(int start, int end) {
        int count = 0;
        for (int i = offset + start; i < offset + end; i++, count++) {
            if (text[i] == '\\') {
                i += text[i + 1] == 'u' ? 5 : 1;
            }
        }
        return count;
    }

    List<String> texts() throws IOException {
        return list(FieldReader::text);
    }

    <T> List<T> list(Handler.Reader<T> element) throws IOException {
        require(JsonToken.START_ARRAY, "an array");
        String name = field;
        List<T> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            list.add(element.read(this));
            field = name;
        }
        return List.copyOf(list);
    }

    Map<String, String> map() throws IOException {
        require(JsonToken.START_OBJECT, "an object");
        Map<String, String> map = new LinkedHashMap<>();
        for (String name = next(); name != null; name = next()) {
            map.put(name, text());
        }
        return Map.copyOf(map);
    }

    /** Reads a nested object with the reader, which goes on until {@link #next} returns {@code null}. */
    <T> T object(Handler.Reader<T> reader) throws IOException {
        require(JsonToken.START_OBJECT, "an object");
        return reader.read(this);
    }

    static <T> T required(@Nullable T value, String field) throws MalformedMessageException {
        if (value == null) {
            throw new MalformedMessageException("The field '" + field + "' is missing.");
        }
        return value;
    }

    MalformedMessageException mistyped(String expected) {
        return new MalformedMessageException("The field '" + quoted(field) + "' must be " + expected + ".");
    }

    /** A name that the peer chose, fit for a log: names of the protocol pass as they are. */
    static String quoted(String name) {
        String cut = name.length() > 40 ? name.substring(0, 40) + "..." : name;
        return cut.replaceAll("[^A-Za-z0-9_.-]", "?");
    }

    private void require(JsonToken token, String expected) throws MalformedMessageException {
        if (parser.currentToken() != token) {
            throw mistyped(expected);
        }
    }
}
