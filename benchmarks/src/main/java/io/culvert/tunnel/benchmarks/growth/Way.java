package io.culvert.tunnel.benchmarks.growth;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;

/** The way of visitors to the local service: straight, or through a relay and an agent that are processes of their own. For one thread. */
final class Way implements AutoCloseable {
    static final String DIRECT = "direct";

    private final RoleProcess relay;
    private final RoleProcess agent;
    private final InetSocketAddress address;

    /** Over a transport, or {@link #DIRECT}; without a tunnel yet. */
    Way(String transport, int localPort) throws IOException {
        if (transport.equals(DIRECT)) {
            relay = agent = null;
            address = loopback(localPort);
            return;
        }
        relay = new RoleProcess("relay", transport);
        try {
            String port = relay.hear("port");
            address = loopback(Integer.parseInt(port));
            agent = new RoleProcess("agent", transport, port, Integer.toString(localPort));
        } catch (IOException x) {
            try (relay) {
                throw x;
            }
        }
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** Where visitors connect. */
    InetSocketAddress address() {
        return address;
    }

    /** The {@code Host} of visitors of a tunnel, from 0. */
    String host(int tunnel) {
        return relay == null ? "127.0.0.1" : "t" + tunnel + "." + RoleMain.DOMAIN;
    }

    /** Has the agent have so many tunnels. */
    void tunnels(int count) throws IOException {
        if (agent != null) {
            agent.order(Integer.toString(count));
            agent.hear("tunnels");
        }
    }

    /** Processor time of relay and agent so far. */
    Duration cpu() {
        return relay == null ? Duration.ZERO : relay.cpu().plus(agent.cpu());
    }

    @Override
    public void close() throws IOException {
        if (relay != null) {
            try (relay) {
                agent.close();
            }
        }
    }
}
