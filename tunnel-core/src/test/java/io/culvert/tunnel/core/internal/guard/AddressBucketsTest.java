package io.culvert.tunnel.core.internal.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.AddressRange;
import io.culvert.tunnel.Rate;
import io.culvert.tunnel.core.ManualScheduler;
import java.net.InetAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class AddressBucketsTest {
    private final ManualScheduler clock = new ManualScheduler();

    private static InetAddress ip(String literal) {
        return AddressRange.address(literal);
    }

    @Test
    void comesBackEvenly() {
        AddressBuckets buckets = new AddressBuckets(new Rate(4, Duration.ofSeconds(4)), clock::nanoTime);
        for (int i = 0; i < 4; i++) {
            assertThat(buckets.take(ip("192.0.2.1"))).isZero();
        }
        assertThat(buckets.take(ip("192.0.2.1"))).isEqualTo(1_000_000_000L);
        clock.advance(Duration.ofMillis(999));
        assertThat(buckets.missing(ip("192.0.2.1"))).isEqualTo(1_000_000L);
        assertThat(buckets.take(ip("192.0.2.1"))).isPositive();
        clock.advance(Duration.ofMillis(1));
        assertThat(buckets.missing(ip("192.0.2.1"))).isZero();
        assertThat(buckets.take(ip("192.0.2.1"))).isZero();
        assertThat(buckets.take(ip("192.0.2.1"))).isPositive();
        clock.advance(Duration.ofHours(1));
        for (int i = 0; i < 4; i++) {
            assertThat(buckets.take(ip("192.0.2.1"))).isZero();
        }
        assertThat(buckets.take(ip("192.0.2.1"))).isPositive();
    }

    @Test
    void aHostIsANetworkInIpv6() {
        AddressBuckets buckets = new AddressBuckets(Rate.perSecond(1), clock::nanoTime);
        assertThat(buckets.take(ip("2001:db8::1"))).isZero();
        assertThat(buckets.take(ip("2001:db8::ffff:ffff"))).isPositive();
        assertThat(buckets.take(ip("2001:db8:0:1::1"))).isZero();
    }

    @Test
    void remembersABoundedNumber() {
        AddressBuckets buckets = new AddressBuckets(Rate.perMinute(1), clock::nanoTime);
        for (int i = 0; i < 3 * AddressBuckets.MAX_ADDRESSES; i++) {
            buckets.take(ip("10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255)));
        }
        assertThat(buckets.size()).isEqualTo(AddressBuckets.MAX_ADDRESSES);
        clock.advance(Duration.ofMinutes(1));
        for (int i = 0; i < AddressBuckets.MAX_ADDRESSES; i++) {
            buckets.take(ip("11.0." + (i >> 8) + "." + (i & 255)));
            buckets.take(ip("12.0.0.1"));
        }
        clock.advance(Duration.ofMinutes(1));
        for (int i = 0; i < AddressBuckets.MAX_ADDRESSES; i++) {
            buckets.take(ip("13.0.0.1"));
        }
        assertThat(buckets.size()).isLessThanOrEqualTo(AddressBuckets.MAX_ADDRESSES);
    }
}
