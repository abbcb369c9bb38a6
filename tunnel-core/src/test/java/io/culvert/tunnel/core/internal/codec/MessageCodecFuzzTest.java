package io.culvert.tunnel.core.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.culvert.tunnel.message.TunnelMessage;
import java.nio.ByteBuffer;

/** Whatever a peer sends is a message, skipped, or refused; and a message is the same after another trip. */
class MessageCodecFuzzTest {
    private final MessageCodec codec = new MessageCodec();

    @FuzzTest
    void decode(byte[] text) throws MalformedMessageException {
        TunnelMessage message;
        try {
            message = codec.decode(ByteBuffer.wrap(text));
        } catch (MalformedMessageException x) {
            assertRefusedFromAnyBuffer(text);
            assertThat(x.getMessage()).isNotBlank().hasSizeLessThan(200).matches("\\p{Print}+");
            return;
        }
        assertThat(codec.decode(direct(text))).isEqualTo(message);
        assertThat(codec.decode(inTheMiddle(text))).isEqualTo(message);
        if (message != null) {
            assertThat(codec.decode(encode(message))).isEqualTo(message);
        }
    }

    /** Escapes can make the text longer than what it was read from, and so too long for one message. */
    private ByteBuffer encode(TunnelMessage message) {
        ByteBuffer text = codec.encode(message);
        assertThat(text.remaining()).isPositive();
        return text;
    }

    private void assertRefusedFromAnyBuffer(byte[] text) {
        for (ByteBuffer buffer : new ByteBuffer[] {direct(text), inTheMiddle(text)}) {
            try {
                TunnelMessage message = codec.decode(buffer);
                throw new AssertionError("Refused in one buffer, but in another one it is " + message);
            } catch (MalformedMessageException expected) {
                assertThat(expected).isNotNull();
            }
        }
    }

    private static ByteBuffer direct(byte[] text) {
        return ByteBuffer.allocateDirect(text.length).put(text).flip();
    }

    private static ByteBuffer inTheMiddle(byte[] text) {
        byte[] around =
                ("{\"type\":\"ping\"" + "}".repeat(text.length + 3)).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        System.arraycopy(text, 0, around, 7, text.length);
        return ByteBuffer.wrap(around, 7, text.length).slice();
    }
}
