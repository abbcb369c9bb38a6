package io.culvert.tunnel.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** WebSocket frames (RFC 6455, section 5.2) that say whose they are and which in order, with a last one by which an end is known to be whole. */
final class SoakFrames {
    private static final int BINARY = 0x82;
    private static final int CLOSE = 0x88;
    private static final int MASKED = 0x80;
    private static final int TWO_BYTES = 126;

    private final String prefix;
    private final boolean masked;

    /**
     * One direction of one exchange.
     *
     * @param masked as a visitor sends
     */
    SoakFrames(long id, String direction, boolean masked) {
        this.prefix = Long.toHexString(id) + direction;
        this.masked = masked;
    }

    /** How a direction ended. */
    enum End {
        /** With its last frame, and then orderly. */
        WHOLE,
        /** With a close frame of somebody between. */
        FAREWELL
    }

    /** A direction that ended as if it were whole. */
    static final class Truncated extends AssertionError {
        private static final long serialVersionUID = 1;

        Truncated(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    private byte[] payload(int number, int count) {
        StringBuilder text = new StringBuilder(prefix).append(number == count ? " last" : " " + number + " ");
        int filler = number == count ? 0 : number * 37 % 3000;
        return text.append("x".repeat(filler)).toString().getBytes(UTF_8);
    }

    private byte[] frame(byte[] payload) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(BINARY);
        out.write(TWO_BYTES | (masked ? MASKED : 0));
        out.write(payload.length >> 8);
        out.write(payload.length);
        if (masked) {
            out.writeBytes(new byte[4]);
        }
        out.writeBytes(payload);
        return out.toByteArray();
    }

    /** Sends so many frames, the last one, and the end. In pieces that have nothing to do with the frames. */
    void send(RawHttp connection, int count, Random random) throws IOException {
        ByteArrayOutputStream waiting = new ByteArrayOutputStream();
        for (int number = 0; number <= count; number++) {
            waiting.writeBytes(frame(payload(number, count)));
            if (random.nextInt(4) == 0 || number == count) {
                byte[] all = waiting.toByteArray();
                int cut = number == count ? all.length : random.nextInt(all.length + 1);
                connection.send(Arrays.copyOf(all, cut));
                waiting.reset();
                waiting.writeBytes(Arrays.copyOfRange(all, cut, all.length));
            }
        }
        connection.end();
    }

    /**
     * Takes frames, each in its place, to the end of the direction.
     *
     * @throws IOException if it is cut, visibly
     * @throws Truncated if it ends as if it were whole, but is not
     * @throws AssertionError if something else came than was sent
     */
    End receive(RawHttp connection, int count) throws IOException {
        for (int number = 0; ; number++) {
            byte[] start = new byte[1];
            if (connection.read(start, 1) < 0) {
                String what = "The direction " + prefix + " ended orderly after " + number + " of " + (count + 1)
                        + " frames.";
                throw new Truncated(what, null);
            }
            int second;
            try {
                second = connection.readExactly(1)[0] & 0xff;
                int length = second & 0x7f;
                if (length == TWO_BYTES) {
                    byte[] two = connection.readExactly(2);
                    length = (two[0] & 0xff) << 8 | two[1] & 0xff;
                }
                byte[] mask = (second & MASKED) != 0 ? connection.readExactly(4) : new byte[4];
                byte[] payload = connection.readExactly(length);
                if ((start[0] & 0xff) == CLOSE) {
                    int code = ((payload[0] ^ mask[0]) & 0xff) << 8 | (payload[1] ^ mask[1]) & 0xff;
                    assertThat(code).isEqualTo(1001);
                    return End.FAREWELL;
                }
                assertThat(start[0] & 0xff).isEqualTo(BINARY);
                assertThat(new String(payload, UTF_8)).isEqualTo(new String(payload(number, count), UTF_8));
            } catch (EOFException x) {
                throw new Truncated("The direction " + prefix + " ended orderly in frame " + number, x);
            }
            if (number == count) {
                return isOver(connection);
            }
        }
    }

    /** Behind the last frame there may be the close frame of somebody between, before the end. */
    private static End isOver(RawHttp connection) throws IOException {
        byte[] rest = connection.readToEnd();
        assertThat(rest.length == 0 || (rest[0] & 0xff) == CLOSE)
                .as("%d bytes behind the last frame", rest.length)
                .isTrue();
        return End.WHOLE;
    }
}
