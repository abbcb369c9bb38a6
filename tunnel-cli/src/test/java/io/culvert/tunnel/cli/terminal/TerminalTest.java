package io.culvert.tunnel.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TerminalTest {
    private static final Terminal SOME = new Terminal() {
        @Override
        public boolean isThere() {
            return true;
        }

        @Override
        public boolean takesErrors() {
            return false;
        }

        @Override
        public Size size() {
            return Size.USUAL;
        }
    };

    @Test
    void readsWhatSttySays() {
        assertThat(ProcessTerminal.parse("24 80\n")).contains(new Size(80, 24));
        assertThat(ProcessTerminal.parse("0 0\n")).isEqualTo(Optional.empty());
        assertThat(ProcessTerminal.parse("stty: standard input: not a tty")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "dumb"})
    void oneThatOnlyPrintsIsNone(String kind) {
        assertThat(new ProcessTerminal(Map.of("TERM", kind)).isThere()).isFalse();
        assertThat(new ProcessTerminal(Map.of()).isThere()).isFalse();
    }

    @Test
    void coloursAreForTerminalsWhoseOwnersWantThem() {
        assertThat(Style.of(SOME, Map.of())).isEqualTo(Style.COLOURED);
        assertThat(Style.of(SOME, Map.of("NO_COLOR", ""))).isEqualTo(Style.COLOURED);
        assertThat(Style.of(SOME, Map.of("NO_COLOR", "1"))).isEqualTo(Style.PLAIN);
        assertThat(Style.of(Terminal.NONE, Map.of())).isEqualTo(Style.PLAIN);
        assertThat(Style.PLAIN.bad("x")).isEqualTo("x");
        assertThat(Style.COLOURED.bad("x")).isEqualTo("\u001b[31mx\u001b[0m");
    }

    @Test
    void textOfOthersCannotChangeTheScreen() {
        assertThat(Printable.of("/a\u001b[2J\r\n\u202e\u0085\ud800é漢")).isEqualTo("/a?[2J?????é漢");
        assertThat(Printable.fit("abcdef", 4)).isEqualTo("abc…");
        assertThat(Printable.fit("abcd", 4)).isEqualTo("abcd");
        assertThat(Printable.fit("abcd", 0)).isEmpty();
    }
}
