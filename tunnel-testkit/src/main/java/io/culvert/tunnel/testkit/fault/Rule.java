package io.culvert.tunnel.testkit.fault;

import io.culvert.tunnel.Direction;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** One fault and what it applies to. */
final class Rule implements Fault {
    private final Rules rules;
    private final Subject.Level level;
    private final String where;
    private final Predicate<Subject> scope;
    private final double probability;
    private final @Nullable Direction direction;
    private final Effect effect;

    private final Object lock = new Object();
    private int left; // guarded by lock
    private int hits; // guarded by lock
    private volatile boolean lifted;

    Rule(
            Rules rules,
            Subject.Level level,
            String where,
            Predicate<Subject> scope,
            int times,
            double probability,
            @Nullable Direction direction,
            Effect effect) {
        this.rules = rules;
        this.level = level;
        this.where = where;
        this.scope = scope;
        this.left = times;
        this.probability = probability;
        this.direction = direction;
        this.effect = effect;
    }

    Effect effect() {
        return effect;
    }

    boolean is(Effect.Kind kind) {
        return effect.kind() == kind;
    }

    Subject.Level level() {
        return level;
    }

    boolean isLifted() {
        return lifted;
    }

    boolean isFor(Direction which) {
        if (is(Effect.Kind.TRUNCATE)) {
            return which == (direction == null ? Direction.DOWN : direction);
        }
        return direction == null || direction == which;
    }

    /** Whether it applies to the subject, which is asked once for each; uses up one of its times if so. */
    boolean claim(Subject subject) {
        if (lifted || subject.level() != level || !scope.test(subject)) {
            return false;
        }
        synchronized (lock) {
            if (left == 0 || probability < 1 && rules.nextDouble() >= probability) {
                return false;
            }
            left--;
        }
        if (!is(Effect.Kind.TRUNCATE)) {
            hit();
        }
        return true;
    }

    /** It was applied once more. */
    void hit() {
        synchronized (lock) {
            hits++;
            lock.notifyAll();
        }
    }

    @Override
    public int hits() {
        synchronized (lock) {
            return hits;
        }
    }

    @Override
    public void awaitHits(int wanted, Duration atMost) {
        long deadline = System.nanoTime() + atMost.toNanos();
        synchronized (lock) {
            while (hits < wanted) {
                long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (millis <= 0) {
                    throw new AssertionError("The fault '" + this + "' was applied " + hits + " times within " + atMost
                            + ", not " + wanted + ". Seed: " + rules.seed() + ".");
                }
                try {
                    lock.wait(millis);
                } catch (InterruptedException x) {
                    Thread.currentThread().interrupt();
                    throw new AssertionError("Interrupted while waiting for the fault '" + this + "'.", x);
                }
            }
        }
    }

    @Override
    public void close() {
        lifted = true;
        rules.remove(this);
    }

    @Override
    public String toString() {
        return effect + (direction == null ? "" : " " + direction) + " on " + where;
    }
}
