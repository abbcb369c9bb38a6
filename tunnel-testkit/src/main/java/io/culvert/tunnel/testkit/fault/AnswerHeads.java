package io.culvert.tunnel.testkit.fault;

import java.nio.ByteBuffer;

/** Tells the heads of answers from what is behind them, interim answers (RFC 9110, section 15.2) included. Not thread-safe. */
final class AnswerHeads {
    /** {@code HTTP/1.1 }: where the status stands in the first line. */
    private static final int STATUS_AT = 9;

    private boolean inHead = true;
    private boolean interim;
    private int position; // in the head
    private int lineLength;

    /** The next answer begins with the next byte. */
    void begin() {
        inHead = true;
        interim = false;
        position = 0;
        lineLength = 0;
    }

    boolean inHead() {
        return inHead;
    }

    /**
     * Looks at bytes that came down.
     *
     * @param bytes left as it is
     * @return how many of them, counted from the last, are behind the head of a final answer
     */
    int behindHead(ByteBuffer bytes) {
        int at = bytes.position();
        while (inHead && at < bytes.limit()) {
            look(bytes.get(at++));
        }
        return bytes.limit() - at;
    }

    private void look(byte next) {
        if (position == 0 && next != 'H') {
            inHead = false; // no HTTP
            return;
        }
        if (position == STATUS_AT) {
            interim = next == '1';
        } else if (position == STATUS_AT + 2 && next == '1') {
            interim = false; // 101 is final
        }
        position++;
        if (next == '\n') {
            if (lineLength == 0) {
                boolean another = interim;
                begin();
                inHead = another;
            }
            lineLength = 0;
        } else if (next != '\r') {
            lineLength++;
        }
    }
}
