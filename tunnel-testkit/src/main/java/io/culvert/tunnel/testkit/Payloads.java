package io.culvert.tunnel.testkit;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.zip.CRC32C;

/** Bytes to send, and how to know them again. */
final class Payloads {
    private Payloads() {}

    /** Bytes that no compression or confusion of positions survives; the same for the same count. */
    static byte[] random(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    static long checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return crc.getValue();
    }

    /** Writes all bytes in pieces of changing, odd sizes. */
    static void writeInPieces(StreamProbe to, byte[] bytes, int largest) {
        Random sizes = new Random(largest);
        for (int at = 0; at < bytes.length; ) {
            int size = Math.min(bytes.length - at, 1 + sizes.nextInt(largest));
            ByteBuffer piece = ByteBuffer.wrap(bytes, at, size);
            StreamProbe.await(to.write(piece));
            at += size;
        }
    }

    /** Reads so many bytes in pieces of changing, odd sizes; returns their checksum. */
    static long readInPieces(StreamProbe from, long count, int largest) throws Exception {
        CRC32C crc = new CRC32C();
        Random sizes = new Random(largest);
        ByteBuffer target = ByteBuffer.allocate(largest);
        for (long left = count; left > 0; ) {
            target.clear().limit((int) Math.min(left, 1 + sizes.nextInt(largest)));
            int read = from.read(target);
            if (read < 0) {
                throw new AssertionError("The stream ended " + left + " bytes too early.");
            }
            crc.update(target.flip());
            left -= read;
        }
        return crc.getValue();
    }
}
