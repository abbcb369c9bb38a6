package io.culvert.tunnel.jetty.internal.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameBoundaryTest {
    private static final int[] LENGTHS = {0, 1, 2, 125, 126, 127, 128, 255, 256, 65_535, 65_536, 70_000};

    private final ByteArrayOutputStream wire = new ByteArrayOutputStream();
    private final TreeSet<Integer> ends = new TreeSet<>();

    private void frame(int length, boolean masked, Random random) {
        wire.write(random.nextInt(256));
        int mask = masked ? 0x80 : 0;
        if (length < 126) {
            wire.write(mask | length);
        } else if (length < 65_536) {
            wire.write(mask | 126);
            wire.write(length >> 8);
            wire.write(length);
        } else {
            wire.write(mask | 127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                wire.write((int) ((long) length >> shift));
            }
        }
        byte[] rest = new byte[(masked ? 4 : 0) + length];
        random.nextBytes(rest);
        wire.writeBytes(rest);
        ends.add(wire.size());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void knowsTheEndOfEveryFrameHoweverItIsCut(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 40; i++) {
            frame(LENGTHS[random.nextInt(LENGTHS.length)], random.nextBoolean(), random);
        }
        byte[] all = wire.toByteArray();
        FrameBoundary frames = new FrameBoundary();
        int at = 0;
        while (at < all.length) {
            int size = Math.min(all.length - at, 1 + random.nextInt(random.nextBoolean() ? 5 : 90_000));
            int whole = frames.follow(ByteBuffer.wrap(all, at, size));
            Integer last = ends.floor(at + size);
            assertThat(whole).as("seed %d at %d", seed, at).isEqualTo(last == null || last <= at ? 0 : last - at);
            at += size;
            assertThat(frames.isBetweenFrames()).isEqualTo(ends.contains(at));
        }
    }
}
