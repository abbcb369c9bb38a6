package io.culvert.tunnel.testkit;

import io.culvert.tunnel.core.mux.StreamMultiplexer;
import io.culvert.tunnel.spi.AgentContext;
import io.culvert.tunnel.spi.AgentTransport;
import io.culvert.tunnel.spi.RelayContext;
import io.culvert.tunnel.spi.RelayTransport;
import io.culvert.tunnel.spi.TransportProvider;

/** The engine of the transport {@code control}, without Jetty. */
class MultiplexerContractTest implements TransportContract {
    @Override
    public TransportPair newPair() {
        return TransportPair.of(new MultiplexerProvider()).build();
    }

    @Override
    public boolean streamsSurviveControlLoss() {
        return false;
    }

    @Override
    public long maxBytesUnread() {
        return PairContext.CREDIT;
    }

    private static final class MultiplexerProvider implements TransportProvider {
        @Override
        public String name() {
            return "control";
        }

        @Override
        public RelayTransport relayHalf(RelayContext context) {
            return StreamMultiplexer.relay(context);
        }

        @Override
        public AgentTransport agentHalf(AgentContext context) {
            return StreamMultiplexer.agent(context);
        }
    }
}
