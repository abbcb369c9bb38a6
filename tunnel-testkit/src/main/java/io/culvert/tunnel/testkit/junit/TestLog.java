package io.culvert.tunnel.testkit.junit;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which tests used a session, and when, to say later who opened something. Thread-safe. */
final class TestLog {
    /** Tests that are kept in mind; older ones are forgotten. */
    private static final int MAX_TESTS = 1_000;

    private final Deque<Entry> entries = new ArrayDeque<>(); // guarded by this
    private int running; // guarded by this

    private static final class Entry {
        final String id;
        final String name;
        final Instant from = Instant.now();

        @Nullable
        Instant to;

        Entry(String id, String name) {
            this.id = id;
            this.name = name;
        }
    }

    /**
     * A test begins.
     *
     * @param id the only one of its kind among those that run
     * @param name for people
     * @return whether no other one runs
     */
    synchronized boolean begin(String id, String name) {
        if (entries.size() == MAX_TESTS) {
            entries.removeFirst();
        }
        entries.addLast(new Entry(id, name));
        running++;
        return running == 1;
    }

    /** A test that began is over. */
    synchronized void end(String id) {
        for (Entry entry : entries) {
            if (entry.id.equals(id) && entry.to == null) {
                entry.to = Instant.now();
                break;
            }
        }
        running--;
    }

    /** The tests that ran at that moment, for the end of a sentence. */
    synchronized String during(Instant moment) {
        Set<String> tests = new LinkedHashSet<>();
        for (Entry entry : entries) {
            if (!moment.isBefore(entry.from) && (entry.to == null || !moment.isAfter(entry.to))) {
                tests.add(entry.name);
            }
        }
        return tests.isEmpty() ? "outside the tests" : "during " + String.join(" or ", tests);
    }
}
