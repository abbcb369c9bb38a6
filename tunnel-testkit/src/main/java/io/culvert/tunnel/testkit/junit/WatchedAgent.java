package io.culvert.tunnel.testkit.junit;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelSpec;
import java.lang.StackWalker.StackFrame;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A session's agent in the hands of a test: what the test exposes with it, the test has to close. */
final class WatchedAgent implements TunnelAgent {
    private final TunnelAgent agent;
    private final OwnThreads threads;
    private final Set<Opened> opened = ConcurrentHashMap.newKeySet();
    private volatile boolean servesInProcess;

    /** A tunnel that a test opened, and the line where it did. */
    record Opened(Tunnel tunnel, String where) {}

    WatchedAgent(TunnelAgent agent, OwnThreads threads) {
        this.agent = agent;
        this.threads = threads;
    }

    @Override
    public Tunnel expose(TunnelSpec spec) {
        String where = StackWalker.getInstance()
                .walk(frames -> frames.filter(frame -> !frame.getClassName().equals(WatchedAgent.class.getName()))
                        .findFirst()
                        .map(StackFrame::toString)
                        .orElse("an unknown place"));
        Tunnel tunnel = exposeForSession(spec);
        Opened mine = new Opened(tunnel, where);
        opened.add(mine);
        tunnel.closed().whenComplete((done, failure) -> opened.remove(mine));
        return tunnel;
    }

    /** A tunnel that the session closes. */
    Tunnel exposeForSession(TunnelSpec spec) {
        if (spec.service().isPresent()) {
            servesInProcess = true;
        }
        return threads.call(() -> agent.expose(spec));
    }

    /** Whether streams ended in the application itself, whose own pools may then have grown on the agent's threads. */
    boolean servedInProcess() {
        return servesInProcess;
    }

    /** The tunnels that tests opened and did not close. */
    List<Opened> left() {
        return List.copyOf(opened);
    }

    @Override
    public void close() {
        threads.run(agent::close);
    }
}
