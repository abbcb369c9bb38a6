package io.culvert.tunnel.testkit.fault;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The faults in force, and who must hear of changes. Thread-safe. */
final class Rules {
    /** Repeats of requests that are kept in mind; older ones are forgotten. */
    private static final int MAX_REPEATS = 256;

    private final long seed;
    private final Random random; // whom a fault meets; guarded by itself
    private final Random lanes; // how; of its own, as streams come to be at any moment; guarded by itself
    private final List<Rule> inForce = new CopyOnWriteArrayList<>();
    private final Set<Runnable> listeners = ConcurrentHashMap.newKeySet();
    private final List<Repeat> repeats = new ArrayList<>(); // guarded by itself

    /** A request that the relay will send again by itself, and the fault that met it the first time. */
    private record Repeat(Rule rule, byte[] head) {}

    Rules(long seed) {
        this.seed = seed;
        this.random = new Random(seed);
        this.lanes = new Random(~seed);
    }

    long seed() {
        return seed;
    }

    double nextDouble() {
        synchronized (random) {
            return random.nextDouble();
        }
    }

    /** Chance for one direction of one stream or connection. */
    Random nextRandom() {
        synchronized (lanes) {
            return new Random(lanes.nextLong());
        }
    }

    void add(Rule rule) {
        inForce.add(rule);
        changed();
    }

    void remove(Rule rule) {
        inForce.remove(rule);
        changed();
    }

    /** Lifts all. */
    void reset() {
        List.copyOf(inForce).forEach(Rule::close);
        synchronized (repeats) {
            repeats.clear();
        }
    }

    List<Rule> inForce() {
        return inForce;
    }

    /** Whether any fault looks at single requests. */
    boolean anyForRequests() {
        for (Rule rule : inForce) {
            if (rule.level() == Subject.Level.REQUEST) {
                return true;
            }
        }
        return false;
    }

    /** Which faults apply to a request that begins. */
    List<Rule> claim(Subject request, byte[] head) {
        List<Rule> mine = new ArrayList<>();
        for (Rule rule : inForce) {
            if (rule.level() == Subject.Level.REQUEST && (isRepeat(rule, head) || rule.claim(request))) {
                mine.add(rule);
            }
        }
        return mine;
    }

    /** The relay will send the request again, on another stream: it must meet the same fault, and counts once. */
    void expectRepeat(Rule rule, byte[] head) {
        synchronized (repeats) {
            repeats.add(new Repeat(rule, head));
            if (repeats.size() > MAX_REPEATS) {
                repeats.remove(0);
            }
        }
    }

    private boolean isRepeat(Rule rule, byte[] head) {
        synchronized (repeats) {
            for (Iterator<Repeat> all = repeats.iterator(); all.hasNext(); ) {
                Repeat repeat = all.next();
                if (repeat.rule == rule && Arrays.equals(repeat.head, head)) {
                    all.remove();
                    return true;
                }
            }
        }
        return false;
    }

    /** Has a listener called after every change, on the thread that made it. */
    void listen(Runnable listener) {
        listeners.add(listener);
    }

    void forget(Runnable listener) {
        listeners.remove(listener);
    }

    void changed() {
        listeners.forEach(Runnable::run);
    }

    /** For an error's text. */
    String describe() {
        return "seed " + seed + ", faults in force: " + inForce;
    }
}
