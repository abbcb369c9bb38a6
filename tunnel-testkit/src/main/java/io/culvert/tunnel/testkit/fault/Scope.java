package io.culvert.tunnel.testkit.fault;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.TunnelError;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Makes rules for one kind of subject. */
final class Scope implements FaultScope {
    private final Rules rules;
    private final Subject.Level level;
    private final String where;
    private final Predicate<Subject> which;
    private final Consumer<Rule> onReset;
    private final int times;
    private final double probability;
    private final @Nullable Direction direction;

    /**
     * All subjects that a predicate takes.
     *
     * @param onReset puts a rule that aborts into force
     */
    Scope(Rules rules, Subject.Level level, String where, Predicate<Subject> which, Consumer<Rule> onReset) {
        this(rules, level, where, which, onReset, Integer.MAX_VALUE, 1, null);
    }

    private Scope(
            Rules rules,
            Subject.Level level,
            String where,
            Predicate<Subject> which,
            Consumer<Rule> onReset,
            int times,
            double probability,
            @Nullable Direction direction) {
        this.rules = rules;
        this.level = level;
        this.where = where;
        this.which = which;
        this.onReset = onReset;
        this.times = times;
        this.probability = probability;
        this.direction = direction;
    }

    @Override
    public FaultScope times(int count) {
        check(count >= 1, "times must be at least 1, not " + count);
        return new Scope(rules, level, where, which, onReset, count, probability, direction);
    }

    @Override
    public FaultScope withProbability(double chance) {
        check(chance >= 0 && chance <= 1, "a probability is 0 to 1, not " + chance);
        return new Scope(rules, level, where, which, onReset, times, chance, direction);
    }

    @Override
    public Scope only(Direction only) {
        return new Scope(rules, level, where, which, onReset, times, probability, only);
    }

    @Override
    public Fault latency(Duration shortest, Duration longest) {
        check(!shortest.isNegative() && longest.compareTo(shortest) >= 0, "latency must be at least 0 and in order");
        return force(new Effect(Effect.Kind.LATENCY, shortest.toNanos(), longest.toNanos(), TunnelError.RESET));
    }

    @Override
    public Fault bandwidth(long bytesPerSecond) {
        check(bytesPerSecond >= 1, "bandwidth must be at least 1 byte/s, not " + bytesPerSecond);
        return force(new Effect(Effect.Kind.BANDWIDTH, bytesPerSecond, bytesPerSecond, TunnelError.RESET));
    }

    @Override
    public Fault stall() {
        return force(Effect.of(Effect.Kind.STALL));
    }

    @Override
    public Fault singleBytes() {
        return force(Effect.of(Effect.Kind.SINGLE_BYTES));
    }

    @Override
    public Fault halfOpen() {
        return force(Effect.of(Effect.Kind.HALF_OPEN));
    }

    @Override
    public Fault reset() {
        Rule rule = rule(Effect.of(Effect.Kind.RESET));
        onReset.accept(rule);
        return rule;
    }

    @Override
    public Fault truncate(long bytes) {
        check(bytes >= 0, "truncate needs at least 0 bytes, not " + bytes);
        return force(new Effect(Effect.Kind.TRUNCATE, bytes, bytes, TunnelError.RESET));
    }

    @Override
    public Fault refuse(TunnelError error) {
        return force(new Effect(Effect.Kind.REFUSE, 0, 0, error));
    }

    Fault force(Effect effect) {
        Rule rule = rule(effect);
        rules.add(rule);
        return rule;
    }

    private Rule rule(Effect effect) {
        return new Rule(rules, level, where, which, times, probability, direction, effect);
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
