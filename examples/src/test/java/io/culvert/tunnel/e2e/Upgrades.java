package io.culvert.tunnel.e2e;

/** Heads of a WebSocket handshake (RFC 6455, section 4), for sockets written by hand. */
final class Upgrades {
    /** The key and its accept value of RFC 6455, section 1.3. */
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    static final String SWITCHING = "HTTP/1.1 101 Switching Protocols\r\n"
            + "Upgrade: websocket\r\n"
            + "Connection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: " + ACCEPT + "\r\n"
            + "\r\n";

    private Upgrades() {}

    static String request(String host) {
        return request(host, "");
    }

    static String request(String host, String moreFields) {
        return "GET /socket HTTP/1.1\r\n"
                + "Host: " + host + "\r\n"
                + "Connection: Upgrade\r\n"
                + "Upgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: " + KEY + "\r\n"
                + moreFields
                + "\r\n";
    }
}
