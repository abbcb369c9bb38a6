package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** A control channel on a plain socket, frame by frame (RFC 6455, section 5), for agents that keep to no rule. */
final class RawControl implements AutoCloseable {
    static final int FIN = 0x80;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;

    /** For messages that are to be answered with a certain id. */
    static final ObjectMapper JSON = new ObjectMapper();

    private static final int MASKED = 0x80;
    private static final int LENGTH_IN_16_BITS = 126;
    private static final int LENGTH_IN_64_BITS = 127;

    private final RawHttp connection;
    private final int mask;

    private RawControl(RawHttp connection, int mask) {
        this.connection = connection;
        this.mask = mask;
    }

    /** The head of a handshake with these fields beside the usual ones. */
    static String handshake(String host, String moreFields) {
        return Upgrades.request(host, moreFields).replace("/socket", "/_tunnel/control");
    }

    /** A channel that stands. */
    static RawControl open(int port, String token) throws IOException {
        RawHttp connection = RawHttp.connect(port);
        connection.send(handshake("127.0.0.1", "Authorization: Bearer " + token + "\r\n"));
        assertThat(connection.readHead()).startsWith("HTTP/1.1 101 ");
        return new RawControl(connection, MASKED);
    }

    /** The relay's side, for a relay that keeps to no rule: answers the handshake that comes on the connection. */
    static RawControl accept(RawHttp connection) throws IOException {
        String head = connection.readHead();
        String key = RawHttp.values(RawHttp.fields(head), "Sec-WebSocket-Key").get(0);
        connection.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Accept: " + accept(key) + "\r\n\r\n");
        return new RawControl(connection, 0);
    }

    /** The answer to a key (RFC 6455, section 4.2.2). */
    private static String accept(String key) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1")
                    .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException x) {
            throw new IllegalStateException(x);
        }
    }

    static ObjectNode message(String type) {
        return JSON.createObjectNode().put("type", type);
    }

    /** Registers with wishes for these names; returns the answer. */
    JsonNode register(String agentId, String transport, int credit, String... names) throws IOException {
        ObjectNode register =
                message("register").put("version", 1).put("agent_id", agentId).put("credit", credit);
        var tunnels = register.putArray("tunnels");
        for (String name : names) {
            tunnels.addObject().put("ref", name).put("name", name);
        }
        register.putArray("transports").add(transport);
        send(register);
        return next();
    }

    RawControl send(ObjectNode message) throws IOException {
        return send(message.toString());
    }

    RawControl send(String text) throws IOException {
        return frame(FIN | TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    /** A frame with a mask that changes nothing. */
    RawControl frame(int firstByte, byte[] payload) throws IOException {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(firstByte);
        if (payload.length < LENGTH_IN_16_BITS) {
            frame.write(mask | payload.length);
        } else if (payload.length < 1 << 16) {
            frame.write(mask | LENGTH_IN_16_BITS);
            frame.writeBytes(
                    ByteBuffer.allocate(2).putShort((short) payload.length).array());
        } else {
            frame.write(mask | LENGTH_IN_64_BITS);
            frame.writeBytes(ByteBuffer.allocate(8).putLong(payload.length).array());
        }
        frame.writeBytes(new byte[mask == 0 ? 0 : 4]);
        frame.writeBytes(payload);
        return raw(frame.toByteArray());
    }

    RawControl raw(byte[] bytes) throws IOException {
        connection.send(bytes);
        return this;
    }

    /** The next message, which must not be a close; the relay's pings are passed over. */
    JsonNode next() throws IOException {
        while (true) {
            Frame frame = read();
            assertThat(frame.opcode).as("opcode before %s", frame).isEqualTo(TEXT);
            JsonNode message = JSON.readTree(frame.payload);
            if (!message.path("type").asText().equals("ping")) {
                return message;
            }
        }
    }

    /** The next message of that type; others are passed over. */
    JsonNode next(String type) throws IOException {
        JsonNode message = next();
        while (!message.path("type").asText().equals(type)) {
            message = next();
        }
        return message;
    }

    /** The code of the close frame that comes, after whatever messages. */
    int closeCode() throws IOException {
        Frame frame = read();
        while (frame.opcode != CLOSE) {
            frame = read();
        }
        return ByteBuffer.wrap(frame.payload).getShort();
    }

    private record Frame(int opcode, byte[] payload) {
        @Override
        public String toString() {
            return opcode + ": " + new String(payload, StandardCharsets.ISO_8859_1);
        }
    }

    private Frame read() throws IOException {
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        int opcode = 0;
        while (true) {
            byte[] start = connection.readExactly(2);
            opcode = Math.max(opcode, start[0] & 0x0f);
            int length = start[1] & 0x7f;
            if (length == LENGTH_IN_16_BITS) {
                length = ByteBuffer.wrap(connection.readExactly(2)).getShort() & 0xffff;
            } else if (length == LENGTH_IN_64_BITS) {
                length = (int) ByteBuffer.wrap(connection.readExactly(8)).getLong();
            }
            byte[] key = (start[1] & MASKED) == 0 ? new byte[4] : connection.readExactly(4);
            byte[] masked = connection.readExactly(length);
            for (int i = 0; i < length; i++) {
                masked[i] ^= key[i % key.length];
            }
            payload.writeBytes(masked);
            if ((start[0] & FIN) != 0) {
                return new Frame(opcode, payload.toByteArray());
            }
        }
    }

    /** Gone without a word, as with a power cut. */
    void vanish() throws IOException {
        connection.reset();
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
