package io.culvert.tunnel.cli.status;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Standard error while a screen is drawn: lines that would disturb it go to a consumer instead. Whoever keeps the stream writes to the
 * real one again afterwards.
 */
public final class LogLines extends OutputStream {
    private static final int MAX_LINE = 2_000;

    private final PrintStream real;
    private final Consumer<String> consumer;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(); // guarded by this
    private boolean released; // guarded by this

    private LogLines(PrintStream real, Consumer<String> consumer) {
        this.real = real;
        this.consumer = consumer;
    }

    /** Takes standard error over. Loggers must be made after this, as they keep the stream that they find. */
    public static LogLines take(Consumer<String> consumer) {
        LogLines lines = new LogLines(System.err, consumer);
        System.setErr(new PrintStream(lines, true, StandardCharsets.UTF_8));
        return lines;
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
        if (released) {
            real.write(bytes, offset, length);
            return;
        }
        for (int i = offset; i < offset + length; i++) {
            if (bytes[i] == '\n') {
                consumer.accept(line.toString(StandardCharsets.UTF_8).stripTrailing());
                line.reset();
            } else if (line.size() < MAX_LINE) {
                line.write(bytes[i]);
            }
        }
    }

    @Override
    public void flush() {
        real.flush();
    }

    /** Gives standard error back. */
    public synchronized void release() {
        released = true;
        System.setErr(real);
    }
}
