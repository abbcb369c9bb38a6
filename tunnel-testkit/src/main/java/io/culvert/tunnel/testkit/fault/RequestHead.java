package io.culvert.tunnel.testkit.fault;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The head of a request on its way to the local service.
 *
 * @param method as the visitor sent it
 * @param target path and query, byte for byte
 * @param fields the header fields' values by name in lower case, in order
 */
public record RequestHead(String method, String target, Map<String, List<String>> fields) {
    /** Copies the fields. */
    public RequestHead {
        fields = Map.copyOf(fields);
    }

    /** Reads a head that the edge wrote. */
    static RequestHead parse(byte[] head) {
        String[] lines = new String(head, StandardCharsets.ISO_8859_1).split("\r\n");
        String[] start = lines[0].split(" ", 3);
        Map<String, List<String>> fields = Stream.of(lines)
                .skip(1)
                .filter(line -> line.indexOf(':') > 0)
                .collect(Collectors.groupingBy(
                        line -> line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT),
                        TreeMap::new,
                        Collectors.mapping(
                                line -> line.substring(line.indexOf(':') + 1).strip(), Collectors.toList())));
        return new RequestHead(start[0], start.length > 1 ? start[1] : "", fields);
    }

    /** The target without its query. */
    public String path() {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    /** The first value of a field, whatever the case of its name. */
    public Optional<String> field(String name) {
        return fields.getOrDefault(name.toLowerCase(Locale.ROOT), List.of()).stream()
                .findFirst();
    }
}
