package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;

/** Bytes that belong to one exchange: nobody else's are the same, nor are they the same at another place. */
final class SoakContent {
    private final long id;

    SoakContent(long id) {
        this.id = id;
    }

    byte[] bytes(long position, int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            long mixed = (position + i + 1) * 0x9E3779B97F4A7C15L ^ id * 0xC2B2AE3D27D4EB4FL;
            bytes[i] = (byte) (mixed >>> 56 ^ mixed >>> 32 ^ mixed);
        }
        return bytes;
    }

    /** Fails where the first bytes of the array are not the ones that belong to that place. */
    void check(long position, byte[] got, int count) {
        if (!Arrays.equals(bytes(position, count), 0, count, got, 0, count)) {
            byte[] due = bytes(position, count);
            int at = Arrays.mismatch(Arrays.copyOf(got, count), due);
            assertThat(got[at]).as("byte %d of exchange %x", position + at, id).isEqualTo(due[at]);
        }
    }
}
