package io.culvert.tunnel.cli.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.TunnelState;
import io.culvert.tunnel.TunnelStats;
import io.culvert.tunnel.cli.terminal.Size;
import io.culvert.tunnel.cli.terminal.Style;
import java.time.Duration;
import java.time.LocalTime;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RendererTest {
    private static final Size USUAL = new Size(80, 24);
    private static final Picture.Row ROW = new Picture.Row(
            TunnelState.OPEN,
            "https://demo.example.test",
            "localhost:3000",
            "tcp",
            Optional.of(Duration.ofMillis(12)),
            new TunnelStats(3, 128, 2, 1000, 4000, 24, 96),
            512,
            2_000_000);

    private final Renderer plain = new Renderer(Style.PLAIN);

    private static Picture.Event event(int second, String text) {
        return new Picture.Event(LocalTime.of(12, 0, second), Picture.Tone.BAD, "failed", text, 1);
    }

    private static Picture.Request request(int status, String line, boolean over) {
        return new Picture.Request(
                LocalTime.of(12, 1), status, line, Optional.of(Duration.ofMillis(34)), 2048, 0, over, Optional.empty());
    }

    private static Picture picture(int tunnels, List<Picture.Event> events, List<String> qr) {
        return picture(tunnels, List.of(), events, qr);
    }

    private static Picture picture(
            int tunnels, List<Picture.Request> requests, List<Picture.Event> events, List<String> qr) {
        return new Picture(
                "wss://relay.test",
                Duration.ofSeconds(3_723),
                Optional.empty(),
                Collections.nCopies(tunnels, ROW),
                requests,
                events,
                qr);
    }

    @Test
    void showsWhereToInspect() {
        Picture inspected = new Picture(
                "wss://relay.test",
                Duration.ofSeconds(3_723),
                Optional.of("http://127.0.0.1:4040"),
                List.of(),
                List.of(),
                List.of(),
                List.of());
        assertThat(plain.lines(inspected, USUAL)).contains("inspect at  http://127.0.0.1:4040");
    }

    @Test
    void showsWhatThereIsToKnow() {
        assertThat(plain.lines(picture(1, List.of(event(1, "first"), event(2, "second")), List.of()), USUAL))
                .containsExactly(
                        "culvert  wss://relay.test                                up 1:02:03  Ctrl-C ends",
                        "",
                        "open        https://demo.example.test -> localhost:3000",
                        "transport   tcp, round trip to the relay 12 ms",
                        "streams     3 open, 128 in all, 2 failed",
                        "bytes       up 1.0 KiB (512 B/s)   down 4.0 KiB (1.9 MiB/s)",
                        "",
                        "12:00:02    failed second",
                        "12:00:01    failed first");
    }

    @Test
    void showsTheLastRequestsWithTheirStatus() {
        List<Picture.Request> requests = List.of(
                request(200, "GET /", true),
                request(0, "POST /" + "long".repeat(40), false),
                request(503, "GET /\u001b[2J", true));
        assertThat(plain.lines(picture(1, requests, List.of(event(1, "x")), List.of()), USUAL))
                .endsWith(
                        "12:01:00    503  GET /?[2J  34 ms  2.0 KiB",
                        "12:01:00    ...  POST /" + "long".repeat(10) + "lon…  open  34 ms",
                        "12:01:00    200  GET /  34 ms  2.0 KiB",
                        "",
                        "12:00:01    failed x");
        assertThat(new Renderer(Style.COLOURED).lines(picture(1, requests, List.of(), List.of()), USUAL))
                .anySatisfy(line -> assertThat(line).contains("\u001b[31m503\u001b[0m"))
                .anySatisfy(line -> assertThat(line).contains("\u001b[32m200\u001b[0m"));
    }

    @Test
    void saysHowNotToWaitForTheEnd() {
        Picture.Row draining = new Picture.Row(
                TunnelState.DRAINING, "http://x", "localhost:1", "tcp", Optional.empty(), ROW.stats(), 0, 0);
        Picture open = picture(1, List.of(), List.of());
        Picture ending = new Picture(
                open.relay(), open.age(), open.inspector(), List.of(draining), List.of(), List.of(), List.of());
        assertThat(plain.lines(open, USUAL).get(0)).endsWith("  Ctrl-C ends");
        assertThat(plain.lines(ending, USUAL).get(0)).endsWith("open connections finish; Ctrl-C cuts them");
    }

    @Test
    void saysThatItWaitsForTheRelay() {
        assertThat(plain.lines(picture(0, List.of(), List.of()), USUAL)).contains("connecting  waiting for the relay");
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 24", "20, 5", "40, 12", "79, 24", "200, 60"})
    void fitsEveryTerminal(int columns, int rows) {
        List<Picture.Event> events = IntStream.range(0, 100)
                .mapToObj(i -> event(i % 60, "long words ".repeat(40)))
                .toList();
        for (int tunnels = 0; tunnels < 12; tunnels++) {
            List<String> lines =
                    plain.lines(picture(tunnels, events, QrBlocks.of("http://x")), new Size(columns, rows));
            assertThat(lines).hasSizeLessThanOrEqualTo(rows);
            assertThat(lines).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(columns));
        }
    }

    @Test
    void manyTunnelsHaveALineEach() {
        assertThat(plain.lines(picture(6, List.of(), List.of()), new Size(120, 24)))
                .filteredOn(line -> line.startsWith("open"))
                .hasSize(6)
                .allSatisfy(line -> assertThat(line).endsWith("3/128 streams  up 1.0 KiB down 4.0 KiB"));
    }

    @Test
    void aLongTextGoesOnBelow() {
        List<String> lines =
                plain.lines(picture(1, List.of(event(1, "word ".repeat(20).strip())), List.of()), USUAL);
        assertThat(lines.subList(7, 9))
                .containsExactly("12:00:01    failed" + " word".repeat(12), " ".repeat(18) + " word".repeat(8));
    }

    @Test
    void coloursAddNothingToTheWidth() {
        List<String> coloured =
                new Renderer(Style.COLOURED).lines(picture(1, List.of(event(1, "first")), List.of()), USUAL);
        assertThat(coloured.get(2)).startsWith("\u001b[32mopen\u001b[0m");
        assertThat(coloured.stream().map(line -> line.replaceAll("\u001b\\[[0-9;]*m", "")))
                .containsExactlyElementsOf(plain.lines(picture(1, List.of(event(1, "first")), List.of()), USUAL));
    }

    @Test
    void whatOthersSendCannotChangeTheScreen() {
        assertThat(plain.lines(picture(1, List.of(event(1, "GET /\u001b[2J\u0007")), List.of()), USUAL))
                .contains("12:00:01    failed GET /?[2J?");
    }

    @Test
    void aQrCodeIsShownWhereThereIsRoom() {
        List<String> code = QrBlocks.of("https://demo.example.test");
        assertThat(plain.lines(picture(1, List.of(), code), new Size(80, 40))).containsAll(code);
        assertThat(plain.lines(picture(1, List.of(), code), new Size(80, 12)))
                .contains("The QR code needs a terminal of 29x22.");
    }
}
