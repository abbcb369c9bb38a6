package io.culvert.tunnel.testkit.junit;

import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.Authenticator;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.capture.Capture;
import io.culvert.tunnel.core.internal.Ids;
import io.culvert.tunnel.core.internal.TransportCatalog;
import io.culvert.tunnel.testkit.fault.StreamFaults;
import io.culvert.tunnel.testkit.recording.Recorder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Optional;

/**
 * A session that runs: relay and agent, and what watches them. They share a token that nobody else has, and closing them waits for nobody.
 *
 * @param threads where everything below has its threads
 * @param relay the relay
 * @param agent its agent
 * @param faults faults in the relay's streams
 * @param recorder the agent's traffic
 * @param exchanges what goes on in the agent's streams
 */
record Live(
        OwnThreads threads,
        TunnelRelay relay,
        WatchedAgent agent,
        StreamFaults faults,
        Recorder recorder,
        OpenExchanges exchanges) {
    private static final AgentIdentity AGENT = new AgentIdentity("test-agent");

    static Live start(SessionOptions options) {
        OwnThreads threads = new OwnThreads();
        try {
            return threads.call(() -> start(options, threads));
        } catch (RuntimeException | Error x) {
            threads.close();
            throw x;
        }
    }

    private static Live start(SessionOptions options, OwnThreads threads) {
        StreamFaults faults = options.seed() == 0 ? StreamFaults.create() : StreamFaults.create(options.seed());
        Recorder recorder = Recorder.create();
        OpenExchanges exchanges = new OpenExchanges();
        String token = Ids.secret();
        TunnelRelay relay = relay(options, faults, token);
        try {
            TunnelAgent.Builder agent = TunnelAgent.builder()
                    .relay(relay.uri())
                    .token(token)
                    .drainTimeout(Duration.ZERO)
                    .capture(Capture.builder(exchanges).maxBodyBytes(0).build());
            if (!options.transports().isEmpty()) {
                agent.transports(options.transports().toArray(String[]::new));
            }
            recorder.attachTo(agent);
            options.agent().accept(agent);
            return new Live(threads, relay, new WatchedAgent(agent.build(), threads), faults, recorder, exchanges);
        } catch (RuntimeException | Error x) {
            relay.close();
            throw x;
        }
    }

    private static TunnelRelay relay(SessionOptions options, StreamFaults faults, String token) {
        TunnelRelay.Builder relay =
                TunnelRelay.builder().authenticator(only(token)).drainTimeout(Duration.ZERO);
        if (!options.transports().isEmpty()) {
            relay.transports(options.transports().toArray(String[]::new));
        }
        options.relay().accept(relay);
        TransportCatalog transports = TransportCatalog.load(
                relay.options().transports(), relay.options().providers());
        for (String name : transports.names()) {
            transports.get(name).map(faults::around).ifPresent(relay::transport);
        }
        return relay.start();
    }

    /** Lifts all faults and forgets what was recorded. */
    void reset() {
        faults.reset();
        recorder.clear();
    }

    private static Authenticator only(String token) {
        byte[] expected = token.getBytes(StandardCharsets.UTF_8);
        return given -> MessageDigest.isEqual(expected, given.getBytes(StandardCharsets.UTF_8))
                ? Optional.of(AGENT)
                : Optional.empty();
    }
}
