package io.culvert.tunnel.cli.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.cli.terminal.Size;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalTime;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScreenTest {
    private static final Size SIZE = new Size(20, 5);

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Screen screen = new Screen(new PrintStream(bytes, true, StandardCharsets.UTF_8));

    private String drawn() {
        String text = bytes.toString(StandardCharsets.UTF_8).replace('\u001b', '^');
        bytes.reset();
        return text;
    }

    @Test
    void drawsOnlyWhatChanged() {
        screen.draw(List.of("a", "b", "c"), SIZE, false);
        assertThat(drawn()).startsWith("^[?1049h^[?25l^[2J").contains("^[1;1Ha^[K^[2;1Hb^[K^[3;1Hc^[K");
        screen.draw(List.of("a", "B", "c"), SIZE, false);
        assertThat(drawn()).isEqualTo("^[?2026h^[?7l^[2;1HB^[K^[?7h^[?2026l");
        screen.draw(List.of("a", "B", "c"), SIZE, false);
        assertThat(drawn()).isEmpty();
    }

    @Test
    void clearsWhatIsNotThereAnyMore() {
        screen.draw(List.of("a", "b", "c"), SIZE, false);
        drawn();
        screen.draw(List.of("a"), SIZE, false);
        assertThat(drawn()).contains("^[2;1H^[J");
    }

    @Test
    void repairsEverythingWhenAsked() {
        screen.draw(List.of("a"), SIZE, false);
        drawn();
        screen.draw(List.of("a"), SIZE, true);
        assertThat(drawn()).contains("^[1;1Ha^[K^[2;1H^[J");
    }

    @Test
    void givesTheTerminalBackOnce() {
        screen.draw(List.of("a"), SIZE, false);
        drawn();
        screen.close();
        assertThat(drawn()).isEqualTo("^[0m^[?25h^[?1049l");
        screen.close();
        screen.draw(List.of("b"), SIZE, true);
        assertThat(drawn()).isEmpty();
    }

    @Test
    void oneThatWasNeverDrawnLeavesNothing() {
        screen.close();
        assertThat(drawn()).isEmpty();
    }

    @Test
    void theSameEventAgainCountsUp() {
        Events events = new Events(() -> LocalTime.NOON);
        events.addLog("19:41:47.001 WARN Link - It broke");
        events.addLog("19:41:47.002 WARN Link - It broke");
        events.addLog("\tat some.Where");
        events.addLog("19:41:47.003 INFO Link - It is back");
        assertThat(events.all())
                .containsExactly(
                        new Picture.Event(LocalTime.NOON, Picture.Tone.DOUBTFUL, "warn", "It broke", 2),
                        new Picture.Event(LocalTime.NOON, Picture.Tone.NEUTRAL, "info", "It is back", 1));
        for (int i = 0; i < 1_000; i++) {
            events.add(Picture.Tone.GOOD, "x", "number " + i);
        }
        assertThat(events.all()).hasSize(100);
    }

    @Test
    void aRateIsThatOfTheLastSeconds() {
        Rate rate = new Rate();
        assertThat(rate.at(0, 1_000)).isZero();
        assertThat(rate.at(1_000_000_000L, 3_000)).isEqualTo(2_000);
        assertThat(rate.at(10_000_000_000L, 3_000)).isZero();
    }

    @Test
    void aQrCodeHasItsMarginAndItsCorners() {
        List<String> code = QrBlocks.of("https://demo.example.test");
        assertThat(code.get(0)).matches("█+");
        assertThat(code.get(1)).startsWith("██ ▄▄▄▄▄ █").endsWith("█ ▄▄▄▄▄ ██");
        assertThat(QrBlocks.of("x".repeat(5_000))).isEmpty();
    }
}
