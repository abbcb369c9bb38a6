package io.culvert.tunnel.benchmarks.growth;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.benchmarks.BuffersLeft;
import io.culvert.tunnel.benchmarks.StreamsLeft;
import io.culvert.tunnel.benchmarks.ThreadsLeft;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A relay or an agent in a process of its own, as an application would embed it. It says on its output what its starter has to know, takes orders
 * from its input and closes at the input's end; its exit code is 1 if something is left then.
 */
public final class RoleMain {
    /** The domain of the relay's tunnels, which are named t0, t1, … */
    static final String DOMAIN = "growth.test";

    /** Tunnels that an agent may have here; the default is 64. */
    private static final int MOST_TUNNELS = 1000;

    private static final long PATIENCE_MILLIS = 10_000;

    private RoleMain() {}

    /** {@code relay TRANSPORT}, or {@code agent TRANSPORT RELAY-PORT LOCAL-PORT}. */
    public static void main(String[] args) throws InterruptedException, ExecutionException {
        ThreadsLeft threads = new ThreadsLeft();
        BuffersLeft buffers = new BuffersLeft();
        FutureTask<Void> role = new FutureTask<>(() -> run(args));
        Thread thread =
                new Thread(role, "role"); // what the JDK keeps for a thread that reads files or sockets goes with it
        thread.start();
        role.get();
        thread.join();
        threads.check(PATIENCE_MILLIS);
        buffers.check(PATIENCE_MILLIS);
    }

    private static Void run(String... args) throws IOException, InterruptedException {
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        if (args[0].equals("relay")) {
            relay(args[1], orders);
        } else {
            agent(args[1], Integer.parseInt(args[2]), Integer.parseInt(args[3]), orders);
        }
        return null;
    }

    private static void relay(String transport, BufferedReader orders) throws IOException, InterruptedException {
        try (TunnelRelay relay = TunnelRelay.builder()
                .domain(DOMAIN)
                .transports(transport)
                .limits(limits -> limits.tunnelsPerAgent(MOST_TUNNELS))
                .start()) {
            say("port " + relay.port());
            orders.readLine(); // there is none but the end
            StreamsLeft.check(relay, PATIENCE_MILLIS);
        }
    }

    /** Each order is a number of tunnels to have. */
    private static void agent(String transport, int relayPort, int localPort, BufferedReader orders)
            throws IOException {
        Deque<Tunnel> tunnels = new ArrayDeque<>();
        try (TunnelAgent agent = TunnelAgent.builder()
                .relay("ws://127.0.0.1:" + relayPort)
                .transports(transport)
                .build()) {
            for (String order = orders.readLine(); order != null; order = orders.readLine()) {
                int count = Integer.parseInt(order);
                while (tunnels.size() < count) {
                    tunnels.push(agent.expose(TunnelSpec.builder(localPort)
                            .localHost("127.0.0.1")
                            .name("t" + tunnels.size())
                            .build()));
                }
                while (tunnels.size() > count) {
                    tunnels.pop().close();
                }
                say("tunnels " + count);
            }
        }
    }

    private static void say(String line) {
        System.out.println(line);
    }
}
