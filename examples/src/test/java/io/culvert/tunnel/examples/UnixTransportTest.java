package io.culvert.tunnel.examples;

import io.culvert.tunnel.examples.unix.UnixTransportProvider;
import io.culvert.tunnel.testkit.TransportContract;
import io.culvert.tunnel.testkit.TransportPair;

/** The transport of {@link CustomTransport} keeps the contract of every transport. */
class UnixTransportTest implements TransportContract {
    @Override
    public TransportPair newPair() {
        return TransportPair.of(new UnixTransportProvider()).build();
    }

    @Override
    public boolean resetsCarryTheirError() {
        return false;
    }
}
