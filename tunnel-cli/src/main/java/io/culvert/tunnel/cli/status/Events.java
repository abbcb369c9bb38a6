package io.culvert.tunnel.cli.status;

import java.time.LocalTime;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The last things that happened. Thread-safe. */
public final class Events {
    private static final int MAX = 100;

    /** As simplelogger.properties has it: time, level, logger. */
    private static final Pattern LOG = Pattern.compile("[0-9:.]{12} (DEBUG|INFO|WARN|ERROR) \\S+ - (.*)");

    private final Supplier<LocalTime> clock;
    private final Deque<Picture.Event> events = new ArrayDeque<>(); // guarded by this; the newest last

    /** None yet; {@code clock} tells the time of day. */
    public Events(Supplier<LocalTime> clock) {
        this.clock = clock;
    }

    /** Adds one. The same again in a row counts up. */
    public synchronized void add(Picture.Tone tone, String mark, String text) {
        Picture.Event last = events.peekLast();
        int times = 1;
        if (last != null
                && last.tone() == tone
                && last.mark().equals(mark)
                && last.text().equals(text)) {
            events.removeLast();
            times = last.times() + 1;
        } else if (events.size() >= MAX) {
            events.removeFirst();
        }
        events.addLast(new Picture.Event(clock.get(), tone, mark, text, times));
    }

    /** Adds a line of the log. Those without a level belong to a line before, such as a stack trace, and are left out. */
    public void addLog(String line) {
        Matcher entry = LOG.matcher(line);
        if (entry.matches()) {
            String level = entry.group(1);
            boolean calm = level.equals("INFO") || level.equals("DEBUG");
            add(calm ? Picture.Tone.NEUTRAL : Picture.Tone.DOUBTFUL, level.toLowerCase(Locale.ROOT), entry.group(2));
        }
    }

    /** All that are kept, the newest last. */
    public synchronized List<Picture.Event> all() {
        return List.copyOf(events);
    }
}
