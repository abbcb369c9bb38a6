package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRangeTest {
    @ParameterizedTest
    @CsvSource({
        "192.0.2.7, 192.0.2.7, true",
        "192.0.2.7, 192.0.2.8, false",
        "10.0.0.0/8, 10.255.255.255, true",
        "10.0.0.0/8, 11.0.0.0, false",
        "10.0.0.0/9, 10.127.0.1, true",
        "10.0.0.0/9, 10.128.0.1, false",
        "192.0.2.128/25, 192.0.2.255, true",
        "192.0.2.128/25, 192.0.2.127, false",
        "0.0.0.0/0, 203.0.113.9, true",
        "0.0.0.0/0, ::1, false",
        "::/0, ::1, true",
        "::/0, 203.0.113.9, false",
        "2001:db8::/33, 2001:db8:7fff::1, true",
        "2001:db8::/33, 2001:db8:8000::1, false",
        "::ffff:192.0.2.7, 192.0.2.7, true",
    })
    void containsWhatBeginsWithTheSameBits(String range, String address, boolean contained) {
        assertThat(AddressRange.parse(range).contains(AddressRange.address(address)))
                .isEqualTo(contained);
        assertThat(AddressRange.parse(AddressRange.parse(range).toString()).contains(AddressRange.address(address)))
                .isEqualTo(contained);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/8",
                "localhost",
                "example.org/8",
                "10.0.0.1/8",
                "10.0.0.0/33",
                "::/129",
                "10.0.0.0/-1",
                "10.0.0",
                "256.0.0.1",
                "010.0.0.1",
                "10.0.0.1/8/8",
                "1:2",
                "fe80::1%eth0",
                "::1]",
                "10.0.0.0/"
            })
    void whatIsNoRangeIsABadOption(String text) {
        assertThatThrownBy(() -> AddressRange.parse(text))
                .isInstanceOfSatisfying(
                        TunnelException.class, x -> assertThat(x.error()).isEqualTo(TunnelError.BAD_CONFIGURATION));
    }
}
