package io.culvert.tunnel.testkit;

import io.culvert.tunnel.core.memory.MemoryTransportProvider;

class MemoryTransportContractTest implements TransportContract {
    @Override
    public TransportPair newPair() {
        return TransportPair.of(new MemoryTransportProvider()).build();
    }
}
