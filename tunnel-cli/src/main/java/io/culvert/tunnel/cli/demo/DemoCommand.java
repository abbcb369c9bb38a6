package io.culvert.tunnel.cli.demo;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.cli.application.LocalApplication;
import io.culvert.tunnel.cli.probe.LocalRelay;
import io.culvert.tunnel.cli.shell.ExitCode;
import io.culvert.tunnel.cli.shell.Shell;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Relay, agents, an application and a visitor, all in this process. */
@Command(
        name = "demo",
        description = {
            "Shows a tunnel at work: starts a relay, a small web application and an agent for each transport, sends requests,"
                    + " an upload, server-sent events and a WebSocket conversation through each,",
            "and then keeps serving, to be opened in a browser."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  culvert demo", "  culvert demo --once"})
public final class DemoCommand implements Callable<Integer> {
    private static final List<String> TRANSPORTS = List.of("tcp", "control");
    private static final Duration DRAIN = Duration.ofSeconds(2);

    @Option(
            names = {"-p", "--port"},
            paramLabel = "PORT",
            defaultValue = "0",
            description = "The public port of the first tunnel (default: any).")
    private int port;

    @Option(
            names = "--once",
            description = "Ends after the visit, with exit code 1 if anything was not as it should be.")
    private boolean once;

    private final Shell shell;
    private final PrintStream out;

    /** Made once for a command line. */
    public DemoCommand(Shell shell) {
        this.shell = shell;
        this.out = shell.out();
    }

    @Override
    public Integer call() throws InterruptedException {
        shell.stop().drainsWithin(DRAIN.multipliedBy(3));
        try (LocalApplication application = DemoApplication.start();
                LocalRelay relay = LocalRelay.start(DRAIN);
                Exposed first = expose(application, relay, TRANSPORTS.get(0), port);
                Exposed second = expose(application, relay, TRANSPORTS.get(1), 0)) {
            out.println("relay       " + relay.uri());
            out.println("application http://127.0.0.1:" + application.port());
            out.println("public      " + first.tunnel().publicUrl() + "  by "
                    + first.tunnel().transport());
            out.println("public      " + second.tunnel().publicUrl() + "  by "
                    + second.tunnel().transport());
            out.println();
            boolean passed = visit(List.of(first.tunnel(), second.tunnel()));
            if (once) {
                return passed ? ExitCode.OK : ExitCode.FAILED;
            }
            out.println("Open " + first.tunnel().publicUrl() + " in a browser. Ctrl-C ends it.");
            out.flush();
            shell.stop().await();
            return ExitCode.OK;
        }
    }

    private boolean visit(List<Tunnel> tunnels) throws InterruptedException {
        Report report = new Report(out);
        report.head();
        boolean passed = true;
        for (Tunnel tunnel : tunnels) {
            List<Outcome> outcomes = new Visitor(tunnel.publicUrl()).visit();
            report.rows(tunnel.transport(), outcomes);
            passed &= outcomes.stream().allMatch(Outcome::passed);
        }
        out.println();
        tunnels.forEach(report::totals);
        out.println();
        return passed;
    }

    /** A tunnel and the agent made for it, which ends with it. */
    private record Exposed(TunnelAgent agent, Tunnel tunnel) implements AutoCloseable {
        @Override
        public void close() {
            agent.close();
        }
    }

    private static Exposed expose(LocalApplication application, LocalRelay relay, String transport, int publicPort) {
        TunnelAgent agent =
                relay.agent().transports(transport).drainTimeout(DRAIN).build();
        try {
            TunnelSpec spec = TunnelSpec.builder(application.port())
                    .name("demo-" + transport)
                    .publicPort(publicPort)
                    .build();
            return new Exposed(agent, agent.expose(spec));
        } catch (RuntimeException x) {
            agent.close();
            throw x;
        }
    }
}
