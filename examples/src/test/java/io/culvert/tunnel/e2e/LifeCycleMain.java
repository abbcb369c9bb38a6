package io.culvert.tunnel.e2e;

import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/** A relay or an agent in a process of its own, until somebody ends it. */
final class LifeCycleMain {
    private LifeCycleMain() {}

    /** An agent that exposes the port as {@code demo}. */
    static JavaProcess agent(int relayPort, TransportCase transport, int port) throws Exception {
        return start("agent", relayPort, transport, port);
    }

    /** A relay with the domain {@code example.test}; port 0 is any. */
    static JavaProcess relay(int port, TransportCase transport) throws Exception {
        return start("relay", port, transport, 0);
    }

    private static JavaProcess start(String role, int relayPort, TransportCase transport, int port) throws Exception {
        return JavaProcess.start(List.of(
                "-cp",
                JavaProcess.classPath(),
                LifeCycleMain.class.getName(),
                role,
                String.valueOf(relayPort),
                transport.name(),
                String.valueOf(port)));
    }

    public static void main(String[] args) throws InterruptedException {
        int relayPort = Integer.parseInt(args[1]);
        TransportCase transport = TransportCase.valueOf(args[2]);
        if (args[0].equals("relay")) {
            TunnelRelay.Builder builder =
                    TunnelRelay.builder().domain("example.test").port(relayPort).graceTime(Duration.ofSeconds(30));
            transport.on(builder);
            System.out.println(builder.start().port());
        } else {
            TunnelAgent.Builder builder = TunnelAgent.builder().relay(URI.create("ws://127.0.0.1:" + relayPort));
            transport.on(builder);
            System.out.println(builder.build()
                    .expose(TunnelSpec.builder(Integer.parseInt(args[3]))
                            .name("demo")
                            .build())
                    .publicUrl());
        }
        Thread.currentThread().join();
    }
}
