package io.culvert.tunnel.inspector.internal;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

/** Undoes gzip and deflate (RFC 9110, section 8.4.1) for display, as far as the kept bytes and a bound go. */
final class ContentCoding {
    /** However well it was compressed. */
    private static final int MAX_BYTES = 8 << 20;

    private ContentCoding() {}

    /** The decoded beginning; the bytes as they are where there is no coding that is known. */
    static byte[] decode(byte[] bytes, Optional<String> coding) {
        String name = coding.orElse("").trim().toLowerCase(Locale.ROOT);
        if (!name.equals("gzip") && !name.equals("x-gzip") && !name.equals("deflate")) {
            return bytes;
        }
        ByteArrayOutputStream decoded = new ByteArrayOutputStream();
        try (InputStream in = open(name, bytes)) {
            byte[] chunk = new byte[8192];
            for (int count = in.read(chunk); count > 0 && decoded.size() < MAX_BYTES; count = in.read(chunk)) {
                decoded.write(chunk, 0, count);
            }
        } catch (IOException x) {
            // The kept part ended, or it is not what it says: what could be decoded is shown.
            return decoded.size() == 0 ? bytes : decoded.toByteArray();
        }
        return decoded.toByteArray();
    }

    private static InputStream open(String name, byte[] bytes) throws IOException {
        InputStream in = new ByteArrayInputStream(bytes);
        return name.equals("deflate") ? new InflaterInputStream(in) : new GZIPInputStream(in);
    }
}
