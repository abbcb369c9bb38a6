package io.culvert.tunnel.jetty.internal.proxy;

import java.util.Optional;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.server.Response;

/** Copies the head of the local service's answer to the visitor's, without the hop-by-hop fields. */
final class ResponseHead {
    private static final HttpField CONNECTION_UPGRADE = new PreEncodedHttpField(HttpHeader.CONNECTION, "Upgrade");

    private ResponseHead() {}

    /** Copies status and fields. */
    static void copy(int status, HttpFields fields, Response response) {
        response.setStatus(status);
        HttpFields.Mutable target = response.getHeaders();
        HopByHop hopByHop = HopByHop.of(fields);
        for (HttpField field : fields) {
            if (!hopByHop.contains(field) && !(status == HttpStatus.NO_CONTENT_204 && isLength(field))) {
                target.add(field);
            }
        }
        if (status == HttpStatus.SWITCHING_PROTOCOLS_101 || status == HttpStatus.UPGRADE_REQUIRED_426) {
            Optional<String> protocol = UpgradeDetector.protocol(fields);
            if (protocol.isPresent()) {
                target.put(CONNECTION_UPGRADE);
                target.put(HttpHeader.UPGRADE, protocol.get());
            }
        }
    }

    private static boolean isLength(HttpField field) {
        return field.getHeader() == HttpHeader.CONTENT_LENGTH;
    }

    /** The fields of an interim answer that the visitor may see. */
    static HttpFields interim(HttpFields fields) {
        HopByHop hopByHop = HopByHop.of(fields);
        HttpFields.Mutable target = HttpFields.build();
        for (HttpField field : fields) {
            if (!hopByHop.contains(field)) {
                target.add(field);
            }
        }
        return target;
    }

    /** Whether the body has another coding than chunked, which nobody asked for and which would be lost. */
    static boolean hasUnknownCoding(HttpFields fields) {
        for (HttpField field : fields) {
            if (field.getHeader() == HttpHeader.TRANSFER_ENCODING && !HttpHeaderValue.CHUNKED.is(field.getValue())) {
                return true;
            }
        }
        return false;
    }
}
