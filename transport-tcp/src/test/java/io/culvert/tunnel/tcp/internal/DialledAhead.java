package io.culvert.tunnel.tcp.internal;

import io.culvert.tunnel.spi.RelayTransport;

/** Lets tests of the whole half see when a connection has become available. */
public final class DialledAhead {
    private DialledAhead() {}

    public static int availableIn(RelayTransport relay) {
        return ((TcpRelayTransport) relay).availableSlots();
    }
}
