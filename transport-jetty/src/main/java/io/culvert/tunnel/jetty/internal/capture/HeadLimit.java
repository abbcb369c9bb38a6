package io.culvert.tunnel.jetty.internal.capture;

import io.culvert.tunnel.capture.CapturedField;
import org.eclipse.jetty.http.HttpField;

/** What both sides' heads have in common. */
final class HeadLimit {
    /** More than the edge lets through, with the fields that it adds. */
    static final int BYTES = 64 * 1024;

    private HeadLimit() {}

    static CapturedField captured(HttpField field) {
        String value = field.getValue();
        return new CapturedField(field.getName(), value == null ? "" : value);
    }
}
