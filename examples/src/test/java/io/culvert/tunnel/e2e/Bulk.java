package io.culvert.tunnel.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;

/** Many bytes that are made as they are read, never held, and never the same at two places of a buffer's size. */
final class Bulk {
    private final long length;

    Bulk(long length) {
        this.length = length;
    }

    long length() {
        return length;
    }

    InputStream stream() {
        return new InputStream() {
            private long position;

            @Override
            public int read() {
                return position == length ? -1 : valueAt(position++) & 0xff;
            }

            @Override
            public int read(byte[] target, int offset, int count) {
                if (position == length) {
                    return -1;
                }
                int n = (int) Math.min(count, length - position);
                for (int i = 0; i < n; i++) {
                    target[offset + i] = valueAt(position++);
                }
                return n;
            }
        };
    }

    private static byte valueAt(long position) {
        long mixed = position * 0x9E3779B97F4A7C15L;
        return (byte) (mixed >>> 56 ^ mixed >>> 32);
    }

    String checksum() throws IOException {
        return checksum(stream());
    }

    /** Reads to the end. */
    static String checksum(InputStream in) throws IOException {
        CheckedInputStream checked = new CheckedInputStream(in, new CRC32C());
        byte[] buffer = new byte[64 * 1024];
        while (checked.read(buffer) >= 0) {
            continue;
        }
        return Long.toHexString(checked.getChecksum().getValue());
    }
}
