package io.culvert.tunnel.capture;

import java.util.List;
import java.util.Optional;

/**
 * An answer's head, as the local service sent it.
 *
 * @param status such as 200
 * @param reason the phrase behind the status, perhaps empty
 * @param version such as {@code HTTP/1.1}
 * @param fields in order
 */
public record CapturedResponse(int status, String reason, String version, List<CapturedField> fields) {
    /** A head with a copy of the fields. */
    public CapturedResponse {
        fields = List.copyOf(fields);
    }

    /** The value of the first field of that name, in any case. */
    public Optional<String> field(String name) {
        return CapturedField.first(fields, name);
    }
}
