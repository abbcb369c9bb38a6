package io.culvert.tunnel.benchmarks;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** The few heads that visitors and local services of the benchmarks exchange. */
public final class Heads {
    /** The key of RFC 6455, section 1.3. */
    static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private Heads() {}

    /** A request without a body. */
    public static byte[] get(String path, String authority) {
        return ascii(
                "GET " + path + " HTTP/1.1\r\nHost: " + authority + "\r\nUser-Agent: benchmark\r\nAccept: */*\r\n\r\n");
    }

    /** A request for a WebSocket. */
    public static byte[] upgrade(String path, String authority) {
        return ascii("GET " + path + " HTTP/1.1\r\nHost: " + authority
                + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                + KEY
                + "\r\n\r\n");
    }

    /** Grants a WebSocket to whoever sent this key. */
    public static byte[] switching(String key) {
        return ascii("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Accept: " + accept(key) + "\r\n\r\n");
    }

    /** Before a body of this length. */
    public static byte[] ok(int length) {
        return ascii(
                "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: " + length + "\r\n\r\n");
    }

    static byte[] notFound() {
        return ascii("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    }

    /** The value of a field, or null. Names in any case. */
    public static String field(String head, String name) {
        int at = head.indexOf("\r\n");
        while (at >= 0) {
            int line = at + 2;
            int end = head.indexOf("\r\n", line);
            int colon = line + name.length();
            if (head.regionMatches(true, line, name, 0, name.length())
                    && colon < head.length()
                    && head.charAt(colon) == ':') {
                return head.substring(colon + 1, end < 0 ? head.length() : end).trim();
            }
            at = end;
        }
        return null;
    }

    /** What a request asks for. */
    public static String path(String head) {
        int from = head.indexOf(' ') + 1;
        return head.substring(from, head.indexOf(' ', from));
    }

    private static String accept(String key) {
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            return Base64.getEncoder().encodeToString(sha1.digest(ascii(key + GUID)));
        } catch (NoSuchAlgorithmException x) {
            throw new IllegalStateException("Every JDK has SHA-1.", x);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
