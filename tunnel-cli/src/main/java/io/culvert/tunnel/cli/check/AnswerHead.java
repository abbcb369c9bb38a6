package io.culvert.tunnel.cli.check;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The head of an answer, as far as a check needs it.
 *
 * @param status the status code
 * @param fields the last value of each field, by its name in lower case
 */
record AnswerHead(int status, Map<String, String> fields) {
    private static final int MAX_BYTES = 16 * 1024;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([0-9]{3})( .*)?");

    /** Reads a head and not a byte more; empty if it is none (RFC 9112, section 4). */
    static Optional<AnswerHead> read(InputStream in) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int matched = 0; // of CR LF CR LF
        while (matched < 4 && bytes.size() < MAX_BYTES) {
            int next = in.read();
            if (next < 0) {
                return Optional.empty();
            }
            bytes.write(next);
            boolean expected = next == (matched % 2 == 0 ? '\r' : '\n');
            matched = expected ? matched + 1 : next == '\r' ? 1 : 0;
            if (bytes.size() == 5
                    && !bytes.toString(StandardCharsets.ISO_8859_1).equals("HTTP/")) {
                return Optional.empty();
            }
        }
        return parse(bytes.toString(StandardCharsets.ISO_8859_1));
    }

    static Optional<AnswerHead> parse(String head) {
        String[] lines = head.split("\r\n");
        Matcher status = STATUS.matcher(lines[0]);
        if (!status.matches()) {
            return Optional.empty();
        }
        Map<String, String> fields = new HashMap<>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon > 0) {
                fields.put(
                        lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
                        lines[i].substring(colon + 1).strip());
            }
        }
        return Optional.of(new AnswerHead(Integer.parseInt(status.group(1)), Map.copyOf(fields)));
    }

    Optional<String> field(String name) {
        return Optional.ofNullable(fields.get(name));
    }

    /** Skips the content; returns whether the connection can be asked again. */
    boolean skipContent(InputStream in) throws IOException {
        String length = field("content-length").orElse("");
        if (!length.matches("[0-9]{1,5}") || field("connection").orElse("").equalsIgnoreCase("close")) {
            return false;
        }
        int expected = Integer.parseInt(length);
        return in.readNBytes(expected).length == expected;
    }
}
