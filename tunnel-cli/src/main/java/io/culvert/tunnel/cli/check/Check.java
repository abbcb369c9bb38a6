package io.culvert.tunnel.cli.check;

import io.culvert.tunnel.AgentOptions;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.cli.application.LocalApplication;
import io.culvert.tunnel.cli.probe.EchoSocket;
import io.culvert.tunnel.cli.probe.Probe;
import io.culvert.tunnel.cli.probe.ProbeVisitor;
import io.culvert.tunnel.cli.shell.ExitCode;
import io.culvert.tunnel.jetty.RelayRoute;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** One look at everything that has to work between an agent and its visitors. Blocks. */
final class Check {
    private static final String TOKEN = "token";
    private static final String NAME = "name";
    private static final String PUBLIC_URL = "public url";
    private static final List<String> AGENT_TLS = List.of("TLSv1.3");
    private static final List<String> VISITOR_TLS = List.of("TLSv1.3", "TLSv1.2");
    private static final int CONTENT_BYTES = 64 * 1024;
    private static final int MESSAGE_BYTES = 1024;
    private static final int TIMES = 11;

    private final Supplier<TunnelAgent.Builder> agents;
    private final AgentOptions options;
    private final URI relay;
    private final List<String> transports;
    private final Optional<String> name;
    private final String tokenSource;
    private final Consumer<Finding> told;

    /**
     * A check.
     *
     * @param agents gives an agent's builder for the relay, each time a new one
     * @param transports what to try, one after the other
     * @param name the name to claim; none for a random one
     * @param tokenSource where the token comes from, in words
     * @param told hears of every finding at once
     */
    Check(
            Supplier<TunnelAgent.Builder> agents,
            List<String> transports,
            Optional<String> name,
            String tokenSource,
            Consumer<Finding> told) {
        this.agents = agents;
        this.options = agents.get().options();
        this.relay = options.relay().orElseThrow();
        this.transports = transports;
        this.name = name;
        this.tokenSource = tokenSource;
        this.told = told;
    }

    /** Goes as far as things work. */
    void run() throws IOException, InterruptedException {
        RelayRoute route;
        try {
            route = RelayRoute.to(relay, options);
        } catch (TunnelException x) {
            told.accept(Finding.failed("proxy", x.getMessage(), "", ExitCode.of(x.error())));
            skipFrom("dns");
            return;
        }
        if (!reach(route)) {
            skipFrom(TOKEN);
            return;
        }
        try (LocalApplication service = Probe.startService()) {
            boolean admitted = false;
            for (String transport : transports) {
                if (!tryTransport(transport, route, service, !admitted)) {
                    return;
                }
                admitted = true;
            }
        }
    }

    private void skipFrom(String first) {
        List<String> steps = new ArrayList<>(List.of("dns", "connect", "relay", TOKEN, PUBLIC_URL));
        transports.forEach(transport -> steps.add(stream(transport)));
        steps.subList(steps.indexOf(first), steps.size()).forEach(step -> told.accept(Finding.skipped(step)));
    }

    private boolean reach(RelayRoute route) throws IOException {
        Reach reach = new Reach(route.proxy(), TlsStep.of(options, AGENT_TLS), told);
        Optional<Socket> socket = reach.connect(route.host(), route.port(), route.secure());
        if (socket.isEmpty()) {
            told.accept(Finding.skipped("relay"));
            return false;
        }
        try (Socket connected = socket.get()) {
            Finding answer = RelayStep.ask(connected, route);
            told.accept(answer);
            return !answer.isFailed();
        }
    }

    /** Returns whether another transport is worth trying. */
    private boolean tryTransport(String transport, RelayRoute route, LocalApplication service, boolean first)
            throws IOException, InterruptedException {
        try (Probe probe = Probe.open(agents.get().transports(transport), route, service, name)) {
            if (first) {
                admitted();
                told.accept(publicUrl(probe.tunnel().publicUrl(), route));
            }
            told.accept(carry(probe.visitor(), transport));
            return true;
        } catch (TunnelException x) {
            return refused(transport, x, first);
        }
    }

    private void admitted() {
        told.accept(Finding.ok(TOKEN, tokenSource + ", and the relay lets the agent in"));
    }

    private boolean refused(String transport, TunnelException x, boolean first) {
        String message = x.getCause() instanceof TunnelException cause ? cause.getMessage() : x.getMessage();
        int code = ExitCode.of(x.error());
        switch (x.error()) {
            case UNAUTHORIZED ->
                told.accept(Finding.failed(
                        TOKEN,
                        tokenSource + ", and the relay does not let the agent in",
                        "Compare it with the relay's token file; tokens come from TUNNEL_TOKEN or --token-file.",
                        code));
            case NO_COMMON_TRANSPORT -> {
                if (first) {
                    admitted();
                }
                told.accept(Finding.failed(
                        stream(transport),
                        "the relay does not have or allow it",
                        "Allow it there, or name another with --transport.",
                        code));
                return true;
            }
            case NAME_FORBIDDEN, NAME_TAKEN, NAME_INVALID -> {
                admitted();
                told.accept(
                        name.isPresent()
                                ? Finding.failed(NAME, message, "Choose a name that this token may claim.", code)
                                : Finding.doubtful(
                                        NAME,
                                        "this token may claim certain names only, so nothing was carried",
                                        "Check with --name NAME, one of these; an agent that has it now loses it."));
            }
            case VERSION_UNSUPPORTED ->
                told.accept(Finding.failed("version", message, "Upgrade the older of agent and relay.", code));
            case RELAY_UNREACHABLE ->
                told.accept(Finding.failed(
                        "control",
                        "HTTP passes, but the WebSocket of the control channel does not: " + message,
                        "Something before the relay may not pass the Upgrade on: see its setting for WebSocket.",
                        code));
            default -> told.accept(Finding.failed("tunnel", message, "", code));
        }
        List<String> rest = new ArrayList<>(List.of(PUBLIC_URL));
        transports.subList(transports.indexOf(transport), transports.size()).forEach(t -> rest.add(stream(t)));
        rest.subList(first ? 0 : 1, rest.size()).forEach(step -> told.accept(Finding.skipped(step)));
        return false;
    }

    /** Looks at a public URL as a stranger would find it. */
    private Finding publicUrl(URI url, RelayRoute route) throws IOException {
        String host = url.getHost();
        if (host.endsWith(".localhost")) {
            return Finding.ok(PUBLIC_URL, url + " for browsers and curl on this machine");
        }
        boolean secure = url.getScheme().equals("https");
        int port = url.getPort() > 0 ? url.getPort() : secure ? 443 : 80;
        List<Finding> findings = new ArrayList<>();
        Reach reach = new Reach(route.proxy(), TlsStep.of(options, VISITOR_TLS), findings::add);
        Optional<Socket> socket = reach.connect(host, port, secure);
        if (socket.isPresent()) {
            socket.get().close();
            return Finding.ok(PUBLIC_URL, url + " can be reached from here");
        }
        Finding failed = findings.get(findings.size() - 1);
        String domain = host.substring(host.indexOf('.') + 1);
        String advice =
                switch (failed.step()) {
                    case "dns" -> "Visitors need a DNS entry for *." + domain + " that points at the relay.";
                    case "tls" -> "Visitors need a certificate for *." + domain + " at the relay.";
                    default -> failed.advice().orElse("");
                };
        return Finding.doubtful(PUBLIC_URL, url + " cannot be reached from here: " + failed.what(), advice);
    }

    private static String stream(String transport) {
        return "stream " + transport;
    }

    private static Finding carry(ProbeVisitor visitor, String transport) throws InterruptedException {
        byte[] content = new byte[CONTENT_BYTES];
        new Random().nextBytes(content);
        try {
            visitor.echo(content);
            try (EchoSocket socket = visitor.socket()) {
                socket.roundTrip(ByteBuffer.wrap(content, 0, MESSAGE_BYTES).slice());
            }
            long[] nanos = new long[TIMES];
            for (int i = 0; i < TIMES; i++) {
                nanos[i] = visitor.get(MESSAGE_BYTES);
            }
            Arrays.sort(nanos);
            return Finding.ok(
                    stream(transport),
                    "64 KiB and a WebSocket message came back unchanged; a request",
                    Duration.ofNanos(nanos[TIMES / 2]));
        } catch (IOException x) {
            boolean dedicated = String.valueOf(x.getMessage()).contains(TunnelError.OPEN_TIMEOUT.code());
            return Finding.failed(
                    stream(transport),
                    "a stream does not get through: " + x.getMessage(),
                    dedicated
                            ? "The agent's own connections to the relay do not get through: let Upgrade: culvert at"
                                    + " /_ws_proxy/ pass, or use --transport control."
                            : "Try the other transport, and look into the relay's log.");
        }
    }
}
