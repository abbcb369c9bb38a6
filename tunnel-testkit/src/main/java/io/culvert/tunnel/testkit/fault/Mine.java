package io.culvert.tunnel.testkit.fault;

import io.culvert.tunnel.Direction;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which faults apply to one stream or connection: each is judged once. Thread-safe. */
final class Mine {
    private final Rules rules;
    private final Set<Rule> judged = new HashSet<>(); // guarded by this
    private final List<Rule> standing = new ArrayList<>(); // guarded by this
    private List<Rule> ofRequest = List.of(); // guarded by this
    private Subject subject; // guarded by this

    Mine(Rules rules, Subject subject) {
        this.rules = rules;
        this.subject = subject;
    }

    Subject subject() {
        synchronized (this) {
            return subject;
        }
    }

    /** More is known about it now: faults that did not apply are judged again. */
    void become(Subject known) {
        synchronized (this) {
            subject = known;
            judged.retainAll(standing);
        }
    }

    /** A request begins, and the one before is over. */
    void begin(List<Rule> faults) {
        synchronized (this) {
            ofRequest = List.copyOf(faults);
        }
    }

    /** What applies now to bytes that go that way. */
    List<Rule> active(Direction direction) {
        if (rules.inForce().isEmpty()) {
            return List.of();
        }
        List<Rule> active = new ArrayList<>();
        synchronized (this) {
            for (Rule rule : rules.inForce()) {
                // Who is refused is decided before there is anything to judge.
                if (rule.level() == subject.level()
                        && !rule.is(Effect.Kind.REFUSE)
                        && judged.add(rule)
                        && rule.claim(subject)) {
                    standing.add(rule);
                }
            }
            if (judged.removeIf(Rule::isLifted)) {
                standing.removeIf(Rule::isLifted);
            }
            standing.forEach(rule -> addIfActive(rule, direction, active));
            ofRequest.forEach(rule -> addIfActive(rule, direction, active));
        }
        return active;
    }

    private static void addIfActive(Rule rule, Direction direction, List<Rule> active) {
        if (!rule.isLifted() && rule.isFor(direction)) {
            active.add(rule);
        }
    }

    static boolean any(List<Rule> rules, Effect.Kind kind) {
        return first(rules, kind) != null;
    }

    static @Nullable Rule first(List<Rule> rules, Effect.Kind kind) {
        for (Rule rule : rules) {
            if (rule.is(kind)) {
                return rule;
            }
        }
        return null;
    }
}
