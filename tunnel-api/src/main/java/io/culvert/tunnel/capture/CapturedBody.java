package io.culvert.tunnel.capture;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A body as far as it came, without its transfer coding; its content coding, such as gzip, is left as it is.
 *
 * @param bytes the beginning, at most {@link Capture#maxBodyBytes}; the receiver's own
 * @param size bytes that came
 * @param ended whether that was all
 * @param trailers fields behind it
 */
public record CapturedBody(byte[] bytes, long size, boolean ended, List<CapturedField> trailers) {
    /** A body with a copy of the trailers. */
    public CapturedBody {
        trailers = List.copyOf(trailers);
    }

    /** What is kept of it, read as UTF-8. */
    public String text() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Whether {@link #bytes} holds all that came. */
    public boolean isWhole() {
        return bytes.length == size;
    }
}
