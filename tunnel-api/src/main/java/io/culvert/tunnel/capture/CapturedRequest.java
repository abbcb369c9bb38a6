package io.culvert.tunnel.capture;

import java.util.List;
import java.util.Optional;

/**
 * A request's head, as the local service got it.
 *
 * @param method such as {@code GET}
 * @param target byte for byte
 * @param version such as {@code HTTP/1.1}
 * @param fields in order
 */
public record CapturedRequest(String method, String target, String version, List<CapturedField> fields) {
    /** A head with a copy of the fields. */
    public CapturedRequest {
        fields = List.copyOf(fields);
    }

    /** The target without its query. */
    public String path() {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    /** The value of the first field of that name, in any case. */
    public Optional<String> field(String name) {
        return CapturedField.first(fields, name);
    }
}
