package io.culvert.tunnel.core;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Keeps a copy of what is logged. */
public final class LogCopy implements AutoCloseable {
    private final PrintStream before = System.err;
    private final ByteArrayOutputStream copy = new ByteArrayOutputStream();

    /** Copies from now on. */
    public LogCopy() {
        System.setErr(new PrintStream(before, true, StandardCharsets.UTF_8) {
            @Override
            public void write(byte[] bytes, int offset, int length) {
                copy.write(bytes, offset, length);
                super.write(bytes, offset, length);
            }
        });
    }

    /** All of it so far. */
    public String text() {
        return copy.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        System.setErr(before);
    }
}
