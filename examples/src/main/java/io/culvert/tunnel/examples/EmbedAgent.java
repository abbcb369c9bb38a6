package io.culvert.tunnel.examples;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelSpec;
import java.io.IOException;
import java.time.Duration;

/**
 * An application that makes its own port public. After {@code mvn verify}:
 *
 * <pre>java -cp tunnel-cli/target/culvert.jar:examples/target/classes io.culvert.tunnel.examples.EmbedAgent</pre>
 *
 * <p>Without arguments the relay is embedded too; {@code ws://relay:port token} as arguments name another one, such as
 * {@link EmbedRelay}.
 */
public final class EmbedAgent {
    private EmbedAgent() {}

    /** Serves until standard input ends. */
    public static void main(String[] args) throws IOException {
        try (HelloApplication application = new HelloApplication()) {
            if (args.length == 0) {
                try (Tunnel tunnel = TunnelAgent.expose(application.port())) {
                    serve(tunnel);
                }
            } else {
                try (TunnelAgent agent = agent(args[0], args[1]);
                        Tunnel tunnel = agent.expose(TunnelSpec.port(application.port()))) {
                    serve(tunnel);
                }
            }
        }
    }

    private static TunnelAgent agent(String relay, String token) {
        return TunnelAgent.builder()
                .relay(relay)
                .token(token)
                .drainTimeout(Duration.ofSeconds(5))
                .listener((tunnel, state, cause) -> System.err.println(tunnel.name() + " is " + state))
                .build();
    }

    private static void serve(Tunnel tunnel) throws IOException {
        System.out.println(tunnel.publicUrl());
        System.err.println("Carried by '" + tunnel.transport() + "'. Enter ends it.");
        System.in.read();
        System.err.println(tunnel.stats());
    }
}
