package io.culvert.tunnel.jetty.internal.channel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Whether bytes are UTF-8 (RFC 3629). Nearly all of them are ASCII, which costs one test for eight. For one thread. */
final class Utf8Check {
    private static final long HIGH_BITS = 0x8080808080808080L;

    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    private final CharBuffer scratch = CharBuffer.allocate(512);

    /** Does not move the buffer's position. */
    boolean isValid(ByteBuffer bytes) {
        int at = bytes.position();
        int limit = bytes.limit();
        ByteBuffer eights = bytes.duplicate().order(ByteOrder.nativeOrder());
        while (at <= limit - Long.BYTES && (eights.getLong(at) & HIGH_BITS) == 0) {
            at += Long.BYTES;
        }
        while (at < limit && bytes.get(at) >= 0) {
            at++;
        }
        return at == limit || isValidText(bytes.duplicate().position(at));
    }

    private boolean isValidText(ByteBuffer bytes) {
        decoder.reset();
        while (true) {
            scratch.clear();
            CoderResult result = decoder.decode(bytes, scratch, true);
            if (!result.isOverflow()) {
                return !result.isError();
            }
        }
    }
}
