package io.culvert.tunnel.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AmountTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "1023, 1023 B",
        "1536, 1.5 KiB",
        "131072, 128 KiB",
        "8388608, 8.0 MiB",
        "5000000000, 4.7 GiB",
        "9007199254740992, 8192 TiB",
    })
    void bytesAreReadable(double count, String text) {
        assertThat(Amount.bytes(count)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0, 0.0 ms", "840, 0.8 ms", "12400, 12 ms", "999000, 999 ms", "3014000, 3.01 s"})
    void timesAreReadable(long micros, String text) {
        assertThat(Amount.time(Duration.ofNanos(micros * 1000))).isEqualTo(text);
    }
}
