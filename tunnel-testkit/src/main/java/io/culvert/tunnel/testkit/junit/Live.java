package io.culvert.tunnel.testkit.junit;

import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.Authenticator;
import io.culvert.tunnel.RelayOptions;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.capture.Capture;
import io.culvert.tunnel.core.internal.Ids;
import io.culvert.tunnel.core.internal.TransportCatalog;
import io.culvert.tunnel.testkit.fault.FaultRelay;
import io.culvert.tunnel.testkit.fault.StreamFaults;
import io.culvert.tunnel.testkit.recording.Recorder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A session that runs: relay and agent, and what watches them. They share a token that nobody else has, and closing them waits for nobody.
 *
 * @param threads where everything below has its threads
 * @param relay the relay
 * @param agent its agent
 * @param faults faults in the relay's streams
 * @param faultRelay the relay once more, if everything else may happen to it as well
 * @param recorder the agent's traffic
 * @param exchanges what goes on in the agent's streams
 */
record Live(
        OwnThreads threads,
        TunnelRelay relay,
        WatchedAgent agent,
        StreamFaults faults,
        Optional<FaultRelay> faultRelay,
        Recorder recorder,
        OpenExchanges exchanges) {
    /** How long the relay, which is there, may take to answer on a busy machine. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

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
        long seed = options.seed() != 0
                ? options.seed()
                : ThreadLocalRandom.current().nextLong();
        String token = Ids.secret();
        TunnelRelay.Builder relay =
                TunnelRelay.builder().authenticator(only(token)).drainTimeout(Duration.ZERO);
        TunnelAgent.Builder agent =
                TunnelAgent.builder().token(token).connectTimeout(PATIENCE).drainTimeout(Duration.ZERO);
        if (!options.transports().isEmpty()) {
            String[] transports = options.transports().toArray(String[]::new);
            relay.transports(transports);
            agent.transports(transports);
        }
        options.relay().accept(relay);
        if (options.badNetwork()) {
            FaultRelay running = FaultRelay.start(relay, seed);
            running.attachTo(agent);
            return withAgent(options, threads, running, running.streams(), Optional.of(running), agent);
        }
        StreamFaults faults = StreamFaults.create(seed);
        TunnelRelay running = startWith(faults, relay);
        agent.relay(running.uri());
        return withAgent(options, threads, running, faults, Optional.empty(), agent);
    }

    private static TunnelRelay startWith(StreamFaults faults, TunnelRelay.Builder relay) {
        RelayOptions asked = relay.options();
        TransportCatalog transports = TransportCatalog.load(asked.transports(), asked.providers());
        for (String name : transports.names()) {
            relay.transport(faults.around(transports.get(name).orElseThrow()));
        }
        return relay.start();
    }

    private static Live withAgent(
            SessionOptions options,
            OwnThreads threads,
            TunnelRelay relay,
            StreamFaults faults,
            Optional<FaultRelay> faultRelay,
            TunnelAgent.Builder agent) {
        try {
            Recorder recorder = Recorder.create();
            OpenExchanges exchanges = new OpenExchanges();
            recorder.attachTo(agent);
            agent.capture(Capture.builder(exchanges).maxBodyBytes(0).build());
            options.agent().accept(agent);
            WatchedAgent watched = new WatchedAgent(agent.build(), threads);
            return new Live(threads, relay, watched, faults, faultRelay, recorder, exchanges);
        } catch (RuntimeException | Error x) {
            relay.close();
            throw x;
        }
    }

    /** Lifts all faults and forgets what was recorded. */
    void reset() {
        faultRelay.ifPresentOrElse(FaultRelay::reset, faults::reset);
        recorder.clear();
    }

    private static Authenticator only(String token) {
        byte[] expected = token.getBytes(StandardCharsets.UTF_8);
        return given -> MessageDigest.isEqual(expected, given.getBytes(StandardCharsets.UTF_8))
                ? Optional.of(AGENT)
                : Optional.empty();
    }
}
