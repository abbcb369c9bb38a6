package io.culvert.tunnel.jetty.internal.edge;

import io.culvert.tunnel.AddressRange;
import java.net.InetAddress;
import java.util.List;
import java.util.function.Predicate;

/** Knows the proxies before the relay. */
final class TrustedProxies {
    private TrustedProxies() {}

    /**
     * Matches the listed addresses and networks.
     *
     * @throws io.culvert.tunnel.TunnelException {@code BAD_CONFIGURATION} if one is neither
     */
    static Predicate<InetAddress> of(List<String> addresses) {
        if (addresses.isEmpty()) {
            return address -> false;
        }
        List<AddressRange> ranges = addresses.stream().map(AddressRange::parse).toList();
        return address -> ranges.stream().anyMatch(range -> range.contains(address));
    }
}
