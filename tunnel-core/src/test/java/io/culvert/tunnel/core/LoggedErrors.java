package io.culvert.tunnel.core;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Notices what is logged as an error: that something failed which nobody was told of. */
public final class LoggedErrors implements AutoCloseable {
    private final PrintStream before = System.err;
    private volatile String first;

    /** Notices from now on. */
    public LoggedErrors() {
        System.setErr(new PrintStream(before, true, StandardCharsets.UTF_8) {
            @Override
            public void write(byte[] bytes, int offset, int length) {
                String text = new String(bytes, offset, length, StandardCharsets.UTF_8);
                if (first == null && text.contains(" ERROR ")) {
                    first = text;
                }
                super.write(bytes, offset, length);
            }
        });
    }

    /** Fails if there was one. */
    public void assertNone() {
        String error = first;
        first = null;
        if (error != null) {
            throw new AssertionError("An error was logged: " + error);
        }
    }

    @Override
    public void close() {
        System.setErr(before);
    }
}
