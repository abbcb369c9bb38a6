package io.culvert.tunnel.jetty.internal.capture;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.Role;
import io.culvert.tunnel.StreamInfo;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.capture.Capture;
import io.culvert.tunnel.capture.CapturedExchange;
import io.culvert.tunnel.capture.CapturedExchange.State;
import io.culvert.tunnel.capture.CapturedField;
import io.culvert.tunnel.capture.CapturedMessage;
import io.culvert.tunnel.capture.CapturedMessage.Kind;
import io.culvert.tunnel.core.net.StreamDecoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CaptureDecodersTest {
    private static final String UPGRADE =
            "GET /s HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    private static final String SWITCHING =
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";

    private final Map<Long, CapturedExchange> seen = new LinkedHashMap<>();
    private long clock;
    private int piece = Integer.MAX_VALUE;
    private final StreamDecoder decoder = decoder(1 << 20);

    private StreamDecoder decoder(int maxBodyBytes) {
        Capture capture = Capture.builder(exchange -> seen.put(exchange.number(), exchange))
                .maxBodyBytes(maxBodyBytes)
                .build();
        return new CaptureDecoders(capture).decoder("id", new StreamInfo(Role.AGENT, "shop", "tcp", StreamKind.HTTP));
    }

    private void up(String text) {
        pass(decoder, Direction.UP, text.getBytes(ISO_8859_1));
    }

    private void down(String text) {
        pass(decoder, Direction.DOWN, text.getBytes(ISO_8859_1));
    }

    private void pass(StreamDecoder to, Direction direction, byte[] bytes) {
        for (int at = 0; at < bytes.length; at += Math.min(piece, bytes.length - at)) {
            int end = at + Math.min(piece, bytes.length - at);
            to.bytes(direction, ByteBuffer.wrap(java.util.Arrays.copyOfRange(bytes, at, end)), ++clock);
        }
    }

    private CapturedExchange exchange(int index) {
        return new ArrayList<>(seen.values()).get(index);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1000})
    void keptAliveExchangesOfEveryFraming(int size) {
        piece = size;
        up("GET /a%2Fb?q=1 HTTP/1.1\r\nHost: h\r\nX-Case: v\r\n\r\n");
        down("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        up("PUT /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Up: t\r\n\r\n");
        down("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
        down("HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Down: u\r\n\r\n");
        up("HEAD /c HTTP/1.1\r\nHost: h\r\n\r\n");
        down("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
        up("GET /d HTTP/1.1\r\nHost: h\r\n\r\n");
        down("HTTP/1.1 304 Not Modified\r\n\r\n");
        up("GET /e HTTP/1.1\r\nHost: h\r\n\r\n");
        down("HTTP/1.1 200 OK\r\n\r\nto the end");
        decoder.closed(null, ++clock);

        assertThat(seen).hasSize(5);
        assertThat(seen.values()).extracting(CapturedExchange::state).containsOnly(State.COMPLETE);
        CapturedExchange first = exchange(0);
        assertThat(first.request().target()).isEqualTo("/a%2Fb?q=1");
        assertThat(first.request().field("x-case")).contains("v");
        assertThat(first.responseBody().bytes()).asString().isEqualTo("hello");
        assertThat(first.tunnel()).isEqualTo("shop");
        CapturedExchange second = exchange(1);
        assertThat(second.requestBody().bytes()).asString().isEqualTo("abc");
        assertThat(second.requestBody().trailers()).containsExactly(new CapturedField("X-Up", "t"));
        assertThat(second.response().orElseThrow().status()).isEqualTo(201);
        assertThat(second.responseBody().trailers()).containsExactly(new CapturedField("X-Down", "u"));
        assertThat(exchange(2).responseBody().size()).isZero();
        assertThat(exchange(4).responseBody().bytes()).asString().isEqualTo("to the end");
        assertThat(exchange(4).totalTime()).isPresent();
    }

    @Test
    void anExchangeStartsWhenItPassedAndNotWhenItIsDecoded() {
        clock = System.nanoTime() - Duration.ofMinutes(1).toNanos();
        up("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        assertThat(exchange(0).startedAt()).isBefore(Instant.now().minusSeconds(59));
    }

    @Test
    void bodiesAreKeptUpToTheBoundAndCountedBeyond() {
        StreamDecoder small = decoder(10);
        pass(small, Direction.UP, "GET / HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(ISO_8859_1));
        pass(small, Direction.DOWN, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".getBytes(ISO_8859_1));
        pass(small, Direction.DOWN, new byte[1000]);
        assertThat(exchange(0).responseBody().bytes()).hasSize(10);
        assertThat(exchange(0).responseBody().size()).isEqualTo(1000);
        assertThat(exchange(0).responseBytes()).isEqualTo(1000);
        assertThat(exchange(0).responseBody().isWhole()).isFalse();
        assertThat(exchange(0).state()).isEqualTo(State.COMPLETE);
    }

    @Test
    void whoHeardOfTheEndHearsNoMore() {
        up("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc");
        down("HTTP/1.1 413 Too much\r\nContent-Length: 2\r\n\r\nno");
        assertThat(exchange(0).state()).isEqualTo(State.COMPLETE);
        seen.clear();
        up("def");
        decoder.closed(null, ++clock);
        assertThat(seen).isEmpty();
    }

    @Test
    void anAnswerThatIsCutShortIsReset() {
        up("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        down("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        decoder.closed(null, ++clock);
        assertThat(exchange(0).state()).isEqualTo(State.RESET);
        assertThat(exchange(0).responseBody().bytes()).asString().isEqualTo("half");
    }

    @Test
    void aResetSaysWhy() {
        up("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        decoder.closed(new IOException("the visitor left"), ++clock);
        assertThat(exchange(0).state()).isEqualTo(State.RESET);
        assertThat(exchange(0).problem()).contains("the visitor left");
    }

    @Test
    void whatIsNoHttpIsCutAndHarmless() {
        up("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        down("\0\1\2 what is this\r\n\r\n");
        down("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        assertThat(exchange(0).state()).isEqualTo(State.CUT);
    }

    @Test
    void whatCouldNotBeCopiedIsCut() {
        up("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        decoder.cut();
        decoder.closed(null, ++clock);
        assertThat(exchange(0).state()).isEqualTo(State.CUT);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 1000})
    void webSocketMessages(int size) {
        piece = size;
        up(UPGRADE);
        down(SWITCHING + "\r\n" + text(frame(0x81, null, "first".getBytes(UTF_8)))); // glued to the 101
        byte[] mask = {1, 2, 3, 4};
        pass(decoder, Direction.UP, frame(0x01, mask, "frag".getBytes(UTF_8)));
        pass(decoder, Direction.UP, frame(0x89, mask, "p".getBytes(UTF_8))); // between two fragments
        pass(decoder, Direction.UP, frame(0x80, mask, "ments".getBytes(UTF_8)));
        pass(decoder, Direction.DOWN, frame(0x82, null, new byte[70_000]));
        pass(decoder, Direction.DOWN, frame(0x82, null, new byte[300]));
        pass(decoder, Direction.DOWN, frame(0x81, null, new byte[0]));
        pass(decoder, Direction.UP, frame(0x88, mask, new byte[] {0x03, (byte) 0xe9, 'b', 'y', 'e'}));
        pass(decoder, Direction.DOWN, frame(0x88, null, new byte[0]));
        decoder.closed(null, ++clock);

        CapturedExchange exchange = exchange(0);
        assertThat(exchange.state()).isEqualTo(State.COMPLETE);
        List<CapturedMessage> messages = exchange.messages();
        assertThat(messages)
                .extracting(CapturedMessage::kind)
                .containsExactly(
                        Kind.TEXT, Kind.PING, Kind.TEXT, Kind.BINARY, Kind.BINARY, Kind.TEXT, Kind.CLOSE, Kind.CLOSE);
        assertThat(messages.get(0).text()).isEqualTo("first");
        assertThat(messages.get(0).direction()).isEqualTo(Direction.DOWN);
        assertThat(messages.get(2).text()).isEqualTo("fragments");
        assertThat(messages.get(3).bytes()).hasSize(70_000);
        assertThat(messages.get(6).closeCode()).isEqualTo(1001);
        assertThat(messages.get(6).text()).isEqualTo("bye");
        assertThat(messages.get(7).closeCode()).isEqualTo(1005);
    }

    @ParameterizedTest
    @ValueSource(strings = {"permessage-deflate", "permessage-deflate; server_no_context_takeover"})
    void deflatedMessages(String agreed) {
        up(UPGRADE);
        down(SWITCHING + "Sec-WebSocket-Extensions: " + agreed + "\r\n\r\n");
        Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        for (int i = 0; i < 3; i++) {
            if (agreed.contains("no_context")) {
                deflater.reset();
            }
            pass(decoder, Direction.DOWN, frame(0xc1, null, deflate(deflater, "again and again " + i)));
        }
        pass(decoder, Direction.DOWN, frame(0x81, null, "plain".getBytes(UTF_8)));
        deflater.end();
        assertThat(exchange(0).messages())
                .extracting(CapturedMessage::text)
                .containsExactly("again and again 0", "again and again 1", "again and again 2", "plain");
    }

    @Test
    void messagesAreKeptUpToTheBound() {
        StreamDecoder small = decoder(100);
        pass(small, Direction.UP, UPGRADE.getBytes(ISO_8859_1));
        pass(small, Direction.DOWN, (SWITCHING + "\r\n").getBytes(ISO_8859_1));
        for (int i = 0; i < 20; i++) {
            pass(small, Direction.DOWN, frame(0x82, null, new byte[] {(byte) i, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
        }
        pass(small, Direction.DOWN, frame(0x82, null, new byte[5000]));
        CapturedExchange exchange = exchange(0);
        assertThat(exchange.messageCount()).isEqualTo(21);
        CapturedMessage last = exchange.messages().get(exchange.messages().size() - 1);
        assertThat(last.bytes()).hasSize(100);
        assertThat(last.size()).isEqualTo(5000);
        assertThat(last.whole()).isFalse();
        assertThat(exchange.messages().stream().mapToInt(m -> m.bytes().length).sum())
                .isLessThanOrEqualTo(100);
    }

    private static byte[] deflate(Deflater deflater, String text) {
        deflater.setInput(text.getBytes(UTF_8));
        byte[] buffer = new byte[1000];
        int count = deflater.deflate(buffer, 0, buffer.length, Deflater.SYNC_FLUSH);
        return java.util.Arrays.copyOf(buffer, count - 4);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, ISO_8859_1);
    }

    private static byte[] frame(int first, byte[] mask, byte[] payload) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(first);
        int masked = mask == null ? 0 : 0x80;
        if (payload.length < 126) {
            out.write(masked | payload.length);
        } else if (payload.length < 65_536) {
            out.write(masked | 126);
            out.writeBytes(
                    ByteBuffer.allocate(2).putShort((short) payload.length).array());
        } else {
            out.write(masked | 127);
            out.writeBytes(ByteBuffer.allocate(8).putLong(payload.length).array());
        }
        byte[] sent = payload.clone();
        if (mask != null) {
            out.writeBytes(mask);
            for (int i = 0; i < sent.length; i++) {
                sent[i] ^= mask[i & 3];
            }
        }
        out.writeBytes(sent);
        return out.toByteArray();
    }
}
