package io.culvert.tunnel.cli.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.cli.application.LocalApplication;
import io.culvert.tunnel.cli.options.RelayAccess;
import io.culvert.tunnel.cli.options.RelaySettings;
import io.culvert.tunnel.cli.options.Transports;
import io.culvert.tunnel.cli.probe.LocalRelay;
import io.culvert.tunnel.cli.probe.Probe;
import io.culvert.tunnel.cli.probe.ProbeVisitor;
import io.culvert.tunnel.cli.shell.Background;
import io.culvert.tunnel.cli.shell.ExitCode;
import io.culvert.tunnel.cli.shell.Shell;
import io.culvert.tunnel.jetty.RelayRoute;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Compares transports through a relay for half a minute. */
@Command(
        name = "bench",
        description = {
            "Compares the transports through a relay for half a minute: each carries requests, WebSocket messages and long"
                    + " streams of bytes in turn, through throw-away tunnels to a service of the command's own.",
            "Without a relay one is started in this process, and the same without a tunnel is measured too."
        },
        footerHeading = "%nWhat it measures:%n",
        footer = {
            "  The way from this machine to the relay and back, twice: visitor, agent and service are all in this process.",
            "  So compare the lines with each other, not with figures of other machines; benchmarks/ measures more closely.",
            "",
            "Examples:",
            "  culvert bench",
            "  TUNNEL_TOKEN=… culvert bench --relay wss://relay.example.test --json",
            "",
            "Exit codes:",
            "  0 measured; 1 something did not get through; 2 wrong usage; 3 refused by the relay"
        })
public final class BenchCommand implements Callable<Integer> {
    private static final Duration DRAIN = Duration.ofSeconds(1);
    private static final String WITHOUT = "no tunnel";

    @Mixin
    private RelayAccess access;

    @Option(
            names = "--rounds",
            paramLabel = "COUNT",
            defaultValue = "4",
            description = "How often each is measured, 1 to 100, after a first time that does not count"
                    + " (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--json", description = "Prints one JSON object instead of the table.")
    private boolean json;

    @Spec
    private CommandSpec command;

    private final Shell shell;

    /** Made once for a command line. */
    public BenchCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        if (rounds < 1 || rounds > 100) {
            throw new ParameterException(command.commandLine(), "--rounds must be 1 to 100, not " + rounds + ".");
        }
        return shell.stop().await(Background.run("culvert-bench", this::run)) ? ExitCode.OK : ExitCode.FAILED;
    }

    private void run() throws IOException, InterruptedException {
        RelaySettings settings = access.settings();
        List<String> transports = settings.transports().isEmpty() ? Transports.found() : settings.transports();
        if (settings.namesRelay(shell)) {
            compare(() -> settings.agent(shell), transports, false);
        } else {
            try (LocalRelay relay = LocalRelay.start(DRAIN)) {
                compare(relay::agent, transports, true);
            }
        }
    }

    private void compare(Supplier<TunnelAgent.Builder> agents, List<String> transports, boolean local)
            throws IOException, InterruptedException {
        URI relay = agents.get().options().relay().orElseThrow();
        Deque<AutoCloseable> open = new ArrayDeque<>();
        try {
            LocalApplication service = Probe.startService();
            open.push(service);
            RelayRoute route = RelayRoute.to(relay, agents.get().options());
            Map<String, Workload> ways = new LinkedHashMap<>();
            for (String transport : transports) {
                Probe probe = Probe.open(agents.get().transports(transport), route, service, Optional.empty());
                open.push(probe);
                ways.put(transport, new Workload(probe.visitor()));
            }
            if (local) {
                ways.put(WITHOUT, new Workload(ProbeVisitor.direct(service)));
            }
            ways.values().forEach(open::push);
            measure(ways, relay, local);
        } finally {
            open.forEach(BenchCommand::close);
        }
    }

    private void measure(Map<String, Workload> ways, URI relay, boolean local)
            throws IOException, InterruptedException {
        long seconds = Workload.roundTime()
                        .multipliedBy((long) ways.size() * (rounds + 1))
                        .toSeconds()
                + 1;
        if (!json) {
            shell.out()
                    .println("Comparing through " + (local ? "a relay in this process" : relay) + ", about " + seconds
                            + " s");
            shell.out().println();
        }
        for (int round = 0; round <= rounds; round++) {
            for (Map.Entry<String, Workload> way : ways.entrySet()) {
                try {
                    way.getValue().round(round > 0);
                } catch (IOException x) {
                    throw new TunnelException(
                            TunnelError.RESET,
                            "Not everything got through by " + way.getKey() + ": " + x.getMessage()
                                    + ". Try culvert check.",
                            x);
                }
            }
        }
        List<Result> results = ways.entrySet().stream()
                .map(way -> way.getValue().result(way.getKey()))
                .toList();
        if (json) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("relay", local ? null : relay.toString());
            object.put("rounds", rounds);
            object.put("results", results.stream().map(Result::json).toList());
            shell.out().println(JsonMapper.builder().build().writeValueAsString(object));
        } else {
            Result.table(results).forEach(shell.out()::println);
            shell.out().println();
            shell.out()
                    .println((local ? "Visitor, agent, service and relay " : "Visitor, agent and service ")
                            + "share this process: compare the lines, not the figures with others'.");
        }
    }

    private static void close(AutoCloseable one) {
        try {
            one.close();
        } catch (Exception x) {
            throw new IllegalStateException("closing what was measured failed", x);
        }
    }
}
