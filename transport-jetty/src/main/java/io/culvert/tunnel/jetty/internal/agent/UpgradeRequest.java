package io.culvert.tunnel.jetty.internal.agent;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;

/** The head of a request for an upgrade (RFC 9110, section 7.8), checked and encoded. */
final class UpgradeRequest {
    private final String path;
    private final String protocol;
    private final byte[] head;

    /** A request. @throws IllegalArgumentException if something in it would end a line */
    UpgradeRequest(String host, String path, String protocol, HttpFields fields) {
        this.path = path;
        this.protocol = protocol;
        StringBuilder text = new StringBuilder(256);
        text.append("GET ").append(path).append(" HTTP/1.1\r\nHost: ").append(host);
        text.append("\r\nConnection: Upgrade\r\nUpgrade: ")
                .append(line(protocol))
                .append("\r\n");
        for (HttpField field : fields) {
            text.append(line(field.getName()))
                    .append(": ")
                    .append(line(String.valueOf(field.getValue())))
                    .append("\r\n");
        }
        if (line(path).indexOf(' ') >= 0) {
            throw new IllegalArgumentException("a path has no space: '" + path + "'");
        }
        this.head = text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String line(String text) {
        if (text.chars().anyMatch(c -> c < ' ' || c > '~')) {
            throw new IllegalArgumentException("a part of a request's head has a character that cannot stand there");
        }
        return text;
    }

    ByteBuffer encoded() {
        return ByteBuffer.wrap(head);
    }

    String protocol() {
        return protocol;
    }

    @Override
    public String toString() {
        return "GET " + path;
    }
}
