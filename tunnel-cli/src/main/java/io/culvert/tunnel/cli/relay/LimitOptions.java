package io.culvert.tunnel.cli.relay;

import io.culvert.tunnel.Rate;
import io.culvert.tunnel.RelayLimits;
import io.culvert.tunnel.cli.options.ByteCount;
import picocli.CommandLine.Option;

/** How much of everything a relay allows, where it differs from the defaults. */
final class LimitOptions {
    @Option(
            names = "--max-connections",
            paramLabel = "COUNT",
            description = "Connections in all (default: one for each 16 KiB of heap, at most 65,536).")
    private Integer connections;

    @Option(
            names = "--max-connections-per-address",
            paramLabel = "COUNT",
            description = "Connections from one address, trusted proxies excepted (default: 4096).")
    private Integer connectionsPerAddress;

    @Option(names = "--max-agents", paramLabel = "COUNT", description = "Agents in all (default: 10000).")
    private Integer sessions;

    @Option(
            names = "--max-agents-per-token",
            paramLabel = "COUNT",
            description = "Agents of one token or certificate (default: 1000).")
    private Integer sessionsPerOwner;

    @Option(
            names = "--max-queued",
            paramLabel = "BYTES",
            description = "What all streams of the transport control may have queued (default: a quarter of the heap).")
    private String queued;

    @Option(
            names = "--max-queued-per-agent",
            paramLabel = "BYTES",
            description = "What the streams of one agent may have queued (default: an eighth of the heap).")
    private String queuedPerSession;

    @Option(
            names = "--max-tunnels-per-agent",
            paramLabel = "COUNT",
            description = "Tunnels of one agent (default: 64).")
    private Integer tunnelsPerAgent;

    @Option(
            names = "--max-streams-per-tunnel",
            paramLabel = "COUNT",
            description = "Data streams of one tunnel (default: 4096).")
    private Integer streamsPerTunnel;

    @Option(
            names = "--max-rate-per-tunnel",
            paramLabel = "RATE",
            description = "Requests to one tunnel, such as 100/s, whatever its agent asks for (default: any).")
    private String requestsPerTunnel;

    @Option(
            names = "--max-body",
            paramLabel = "BYTES",
            description = "The largest body of a request, such as 100M, whatever an agent asks for (default: any).")
    private String body;

    /** Sets what was given. */
    void applyTo(RelayLimits.Builder limits) {
        if (connections != null) {
            limits.connections(connections);
        }
        if (connectionsPerAddress != null) {
            limits.connectionsPerAddress(connectionsPerAddress);
        }
        if (sessions != null) {
            limits.sessions(sessions);
        }
        if (sessionsPerOwner != null) {
            limits.sessionsPerOwner(sessionsPerOwner);
        }
        if (queued != null) {
            limits.queuedBytes(ByteCount.parse(queued));
        }
        if (queuedPerSession != null) {
            limits.queuedBytesPerSession(ByteCount.parse(queuedPerSession));
        }
        if (tunnelsPerAgent != null) {
            limits.tunnelsPerAgent(tunnelsPerAgent);
        }
        if (streamsPerTunnel != null) {
            limits.streamsPerTunnel(streamsPerTunnel);
        }
        if (requestsPerTunnel != null) {
            limits.requestsPerTunnel(Rate.parse(requestsPerTunnel));
        }
        if (body != null) {
            limits.bodyBytes(ByteCount.parse(body));
        }
    }
}
