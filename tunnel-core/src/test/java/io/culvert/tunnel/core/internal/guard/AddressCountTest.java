package io.culvert.tunnel.core.internal.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.AddressRange;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class AddressCountTest {
    private final AddressCount count = new AddressCount(2);

    private static InetAddress ip(String literal) {
        return AddressRange.address(literal);
    }

    @Test
    void eachAddressHasItsOwnAndNothingIsKept() {
        Runnable one = count.begin(ip("192.0.2.1")).orElseThrow();
        Runnable other = count.begin(ip("192.0.2.1")).orElseThrow();
        assertThat(count.begin(ip("192.0.2.1"))).isEmpty();
        Runnable elsewhere = count.begin(ip("192.0.2.2")).orElseThrow();
        one.run();
        one.run(); // counts once
        Runnable again = count.begin(ip("192.0.2.1")).orElseThrow();
        assertThat(count.begin(ip("192.0.2.1"))).isEmpty();
        other.run();
        again.run();
        elsewhere.run();
        assertThat(count.size()).isZero();
    }

    @Test
    void aNetworkOfIpv6IsOneAddress() {
        count.begin(ip("2001:db8::1")).orElseThrow();
        count.begin(ip("2001:db8::2")).orElseThrow();
        assertThat(count.begin(ip("2001:db8::3"))).isEmpty();
        assertThat(count.begin(ip("2001:db8:0:1::3"))).isPresent();
    }
}
