package io.culvert.tunnel.jetty.internal.edge;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import java.net.InetAddress;
import java.util.List;
import java.util.function.Predicate;
import org.eclipse.jetty.util.InetAddressSet;

/** Knows the proxies before the relay. */
final class TrustedProxies {
    private TrustedProxies() {}

    /**
     * Matches the listed addresses and networks.
     *
     * @throws TunnelException {@code BAD_CONFIGURATION} if one is neither
     */
    static Predicate<InetAddress> of(List<String> addresses) {
        if (addresses.isEmpty()) {
            return address -> false;
        }
        InetAddressSet set = new InetAddressSet();
        for (String address : addresses) {
            try {
                set.add(address);
            } catch (IllegalArgumentException x) {
                throw new TunnelException(
                        TunnelError.BAD_CONFIGURATION,
                        "'" + address + "' is neither an address nor a network such as 10.0.0.0/8.",
                        x);
            }
        }
        return set;
    }
}
