package io.culvert.tunnel.jetty.internal.capture;

import io.culvert.tunnel.capture.CapturedBody;
import io.culvert.tunnel.capture.CapturedField;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A body's beginning, and how long it is. Not thread-safe. */
final class KeptBody {
    private final int maxBytes;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream(0);
    private final List<CapturedField> trailers = new ArrayList<>();
    private long size;
    private boolean ended;

    KeptBody(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    void add(ByteBuffer bytes) {
        size += bytes.remaining();
        int room = Math.min(maxBytes - kept.size(), bytes.remaining());
        if (room > 0) {
            byte[] part = new byte[room];
            bytes.get(bytes.position(), part);
            kept.write(part, 0, room);
        }
    }

    void trailer(CapturedField field) {
        trailers.add(field);
    }

    void end() {
        ended = true;
    }

    long size() {
        return size;
    }

    int keptBytes() {
        return kept.size();
    }

    CapturedBody snapshot() {
        return new CapturedBody(kept.toByteArray(), size, ended, trailers);
    }
}
