package io.culvert.tunnel.e2e;

import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;

/** A way for streams to travel that the end-to-end tests go through. */
enum TransportCase {
    CONTROL("control", 0),
    TCP("tcp", 8),
    TCP_WITHOUT_SLOTS("tcp", 0),
    /** The third party's, from the examples. */
    UNIX("unix", 0);

    private final String transport;
    private final int slots;

    TransportCase(String transport, int slots) {
        this.transport = transport;
        this.slots = slots;
    }

    String transport() {
        return transport;
    }

    void on(TunnelRelay.Builder relay) {
        relay.slots(slots).transports(transport);
    }

    void on(TunnelAgent.Builder agent) {
        agent.transports(transport);
    }
}
