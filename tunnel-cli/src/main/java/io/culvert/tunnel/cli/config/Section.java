package io.culvert.tunnel.cli.config;

import io.culvert.tunnel.TunnelException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * One mapping of the file. Each getter notes that its key is known; {@link #end} tells of the others. A value that is not as it should be
 * counts as absent, and is told.
 */
final class Section {
    private final String path;
    private final Node node;
    private final Problems problems;
    private final Map<String, NodeTuple> entries = new LinkedHashMap<>();
    private final Set<String> known = new LinkedHashSet<>();
    private final Set<String> refused = new HashSet<>();

    private Section(String path, MappingNode node, Problems problems) {
        this.path = path;
        this.node = node;
        this.problems = problems;
        for (NodeTuple entry : node.getValue()) {
            if (!(entry.getKeyNode() instanceof ScalarNode key)) {
                problems.add(entry.getKeyNode().getStartMark(), where("a key") + " must be a word.");
            } else if (entries.putIfAbsent(key.getValue(), entry) != null) {
                int first = entries.get(key.getValue())
                                .getKeyNode()
                                .getStartMark()
                                .orElseThrow()
                                .getLine()
                        + 1;
                problems.add(key.getStartMark(), where(key.getValue()) + " stands twice; first on line " + first + ".");
            }
        }
    }

    /** A node as a section; empty, and told, if it is something else. */
    static Optional<Section> of(String path, Node node, Problems problems) {
        if (node instanceof MappingNode mapping) {
            return Optional.of(new Section(path, mapping, problems));
        }
        problems.add(
                node.getStartMark(),
                (path.isEmpty() ? "The file" : path) + " must consist of lines of the form 'key: value'.");
        return Optional.empty();
    }

    private String where(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private Optional<Node> value(String key) {
        known.add(key);
        return Optional.ofNullable(entries.get(key)).map(NodeTuple::getValueNode);
    }

    /** Whether the key is there, known or not. */
    boolean has(String key) {
        return entries.containsKey(key);
    }

    /** Tells of a mistake in a key's value. */
    void wrong(String key, String text) {
        Optional<Node> at = Optional.ofNullable(entries.get(key)).map(NodeTuple::getKeyNode);
        problems.add(at.orElse(node).getStartMark(), where(key) + ": " + text);
    }

    /** Tells that a key cannot be used here. */
    void refuse(String key, String why) {
        if (has(key)) {
            refused.add(key);
            wrong(key, why);
        }
    }

    /** The value as text, whatever it looks like. */
    Optional<String> text(String key) {
        return value(key).flatMap(value -> scalar(key, value));
    }

    private Optional<String> scalar(String key, Node value) {
        if (value instanceof ScalarNode scalar && !scalar.getTag().equals(Tag.NULL)) {
            return Optional.of(scalar.getValue());
        }
        problems.add(value.getStartMark(), where(key) + " must be one value.");
        return Optional.empty();
    }

    /** The value as something made of text; what the making refuses is told. */
    <T> Optional<T> value(String key, Function<String, T> reading) {
        return text(key).flatMap(text -> attempt(key, () -> reading.apply(text)));
    }

    /** Something made with a key's value; empty, and told, if the making refuses. */
    <T> Optional<T> attempt(String key, Supplier<T> making) {
        try {
            return Optional.of(making.get());
        } catch (TunnelException | IllegalArgumentException x) {
            wrong(key, x.getMessage());
            return Optional.empty();
        }
    }

    /** The value as a whole number in a range. */
    Optional<Integer> number(String key, int lowest, int highest) {
        Optional<String> text = text(key);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (text.get().matches("[0-9]{1,9}")) {
            int number = Integer.parseInt(text.get());
            if (number >= lowest && number <= highest) {
                return Optional.of(number);
            }
        }
        wrong(key, "must be a number from " + lowest + " to " + highest + ", not '" + text.get() + "'.");
        return Optional.empty();
    }

    /** The value as yes or no. */
    Optional<Boolean> flag(String key) {
        return text(key).flatMap(text -> {
            if (text.equals("true") || text.equals("false")) {
                return Optional.of(text.equals("true"));
            }
            wrong(key, "must be true or false, not '" + text + "'.");
            return Optional.empty();
        });
    }

    /** The value as a list; one value alone is a list of one. */
    List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        value(key).ifPresent(value -> {
            if (value instanceof SequenceNode sequence) {
                sequence.getValue().forEach(item -> scalar(key, item).ifPresent(texts::add));
            } else {
                scalar(key, value).ifPresent(texts::add);
            }
        });
        return texts;
    }

    /** The value as a list of sections. */
    List<Section> sections(String key) {
        List<Section> sections = new ArrayList<>();
        value(key).ifPresent(value -> {
            if (value instanceof SequenceNode sequence) {
                for (Node item : sequence.getValue()) {
                    String itemPath = where(key) + "[" + sequence.getValue().indexOf(item) + "]";
                    of(itemPath, item, problems).ifPresent(sections::add);
                }
            } else {
                wrong(key, "must be a list, each entry with '- ' before its first key.");
            }
        });
        return sections;
    }

    /** Tells of every key that nobody asked for, and what it may have been meant to be. */
    void end() {
        entries.forEach((key, entry) -> {
            if (!known.contains(key) && !refused.contains(key)) {
                String guess = Guess.of(key, known)
                        .map(near -> " Did you mean '" + near + "'?")
                        .orElse(" Known are: " + String.join(", ", known) + ".");
                problems.add(entry.getKeyNode().getStartMark(), where(key) + " is no key." + guess);
            }
        });
    }
}
