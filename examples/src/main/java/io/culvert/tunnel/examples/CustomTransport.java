package io.culvert.tunnel.examples;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import java.io.IOException;

/**
 * A tunnel over a transport of one's own, {@link io.culvert.tunnel.examples.unix}. All that it takes is to have the provider on
 * the class path of both sides, with its {@code META-INF/services} file. After {@code mvn verify}:
 *
 * <pre>java -cp tunnel-cli/target/culvert.jar:examples/target/classes io.culvert.tunnel.examples.CustomTransport</pre>
 */
public final class CustomTransport {
    private CustomTransport() {}

    /** Serves until standard input ends. */
    public static void main(String[] args) throws IOException {
        try (HelloApplication application = new HelloApplication();
                TunnelRelay relay = TunnelRelay.builder().transports("unix").start();
                TunnelAgent agent = TunnelAgent.builder()
                        .relay(relay.uri())
                        .transports("unix")
                        .build();
                Tunnel tunnel = agent.expose(TunnelSpec.port(application.port()))) {
            System.out.println(tunnel.publicUrl());
            System.err.println("Carried by '" + tunnel.transport() + "'. Enter ends it.");
            System.in.read();
        }
    }
}
