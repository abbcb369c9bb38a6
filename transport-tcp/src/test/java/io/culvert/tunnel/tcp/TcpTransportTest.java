package io.culvert.tunnel.tcp;

import io.culvert.tunnel.jetty.JettyAgentHost;
import io.culvert.tunnel.jetty.JettyRelayHost;
import io.culvert.tunnel.jetty.internal.agent.JettyAgentNetwork;
import io.culvert.tunnel.testkit.TransportContract;
import io.culvert.tunnel.testkit.TransportPair;
import org.junit.jupiter.api.Nested;

/** The contract of all transports, with and without connections dialled ahead, in the clear and over TLS. */
class TcpTransportTest {
    static TransportPair pair(int slots, boolean tls) throws Exception {
        RelayServer server = new RelayServer(tls);
        JettyAgentNetwork network = tls ? new JettyAgentNetwork(TestTls.agent()) : new JettyAgentNetwork();
        return TransportPair.of(new DedicatedTcpTransportProvider())
                .relayHost(JettyRelayHost.class, server)
                .agentHost(JettyAgentHost.class, network)
                .relayAddress(server.uri())
                .slots(slots)
                .closeAfter(network)
                .closeAfter(server)
                .build();
    }

    /** What is the same for both. */
    interface Contract extends TransportContract {
        @Override
        default boolean resetsCarryTheirError() {
            return false;
        }
    }

    @Nested
    class WithoutSlots implements Contract {
        @Override
        public TransportPair newPair() throws Exception {
            return pair(0, false);
        }
    }

    @Nested
    class WithSlots implements Contract {
        @Override
        public TransportPair newPair() throws Exception {
            return pair(4, false);
        }
    }

    @Nested
    class OverTlsWithSlots implements Contract {
        @Override
        public TransportPair newPair() throws Exception {
            return pair(4, true);
        }
    }
}
