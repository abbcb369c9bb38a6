package io.culvert.tunnel.jetty.internal.edge;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** HTTP/1.1 as bytes, for both ends of a test. */
final class Wire {
    private Wire() {}

    /** Up to and with the empty line; null if there is nothing more. */
    static String readHead(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int matched = 0;
        while (matched < 4) {
            int b = in.read();
            if (b < 0) {
                if (head.size() == 0) {
                    return null;
                }
                throw new EOFException("in a head: " + head);
            }
            head.write(b);
            matched = b == "\r\n\r\n".charAt(matched) ? matched + 1 : b == '\r' ? 1 : 0;
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    /** All values of a field. */
    static List<String> fields(String head, String name) {
        List<String> values = new ArrayList<>();
        for (String line : head.split("\r\n")) {
            int colon = line.indexOf(':');
            if (colon > 0 && line.substring(0, colon).equalsIgnoreCase(name)) {
                values.add(line.substring(colon + 1).trim());
            }
        }
        return values;
    }

    static String field(String head, String name) {
        List<String> values = fields(head, name);
        return values.isEmpty() ? null : values.get(0);
    }

    static int status(String head) {
        return Integer.parseInt(head.substring(9, 12));
    }

    /** Reads what the head announces. Returns the trailers, or an empty text. */
    static String readBody(String head, InputStream in, OutputStream to) throws IOException {
        String coding = field(head, "Transfer-Encoding");
        String length = field(head, "Content-Length");
        if (coding != null && coding.toLowerCase(Locale.ROOT).contains("chunked")) {
            return readChunks(in, to);
        }
        if (length != null) {
            copy(in, to, Long.parseLong(length));
        }
        return "";
    }

    private static String readChunks(InputStream in, OutputStream to) throws IOException {
        while (true) {
            int size = Integer.parseInt(readLine(in).trim(), 16);
            if (size == 0) {
                StringBuilder trailers = new StringBuilder();
                for (String line = readLine(in); !line.isEmpty(); line = readLine(in)) {
                    trailers.append(line).append("\r\n");
                }
                return trailers.toString();
            }
            copy(in, to, size);
            readLine(in);
        }
    }

    static String readLine(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("in a line: " + line);
            }
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    static void copy(InputStream in, OutputStream to, long count) throws IOException {
        byte[] buffer = new byte[64 * 1024];
        for (long left = count; left > 0; ) {
            int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                throw new EOFException(left + " of " + count + " bytes are missing");
            }
            to.write(buffer, 0, read);
            left -= read;
        }
    }
}
