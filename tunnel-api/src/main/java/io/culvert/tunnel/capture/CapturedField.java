package io.culvert.tunnel.capture;

import java.util.List;
import java.util.Optional;

/**
 * One field line of a head or trailer (RFC 9110, section 5).
 *
 * @param name as it was spelled
 * @param value without the space around it
 */
public record CapturedField(String name, String value) {
    /** The value of the first field of that name, in any case. */
    public static Optional<String> first(List<CapturedField> fields, String name) {
        return fields.stream()
                .filter(field -> field.name().equalsIgnoreCase(name))
                .map(CapturedField::value)
                .findFirst();
    }
}
