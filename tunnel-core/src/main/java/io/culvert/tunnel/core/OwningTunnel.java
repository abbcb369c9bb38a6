package io.culvert.tunnel.core;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelState;
import io.culvert.tunnel.TunnelStats;
import io.culvert.tunnel.core.internal.Awaiting;
import io.culvert.tunnel.spi.DataStream;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

/** A tunnel that takes its agent, and what that agent needs, with it when it ends. */
final class OwningTunnel implements Tunnel {
    private final Tunnel tunnel;
    private final TunnelAgent agent;
    private final Runnable after;
    private final AtomicBoolean released = new AtomicBoolean();
    private final CompletableFuture<Void> gone = new CompletableFuture<>();

    /**
     * Takes over an agent.
     *
     * @param after runs once when the agent is closed
     */
    OwningTunnel(Tunnel tunnel, TunnelAgent agent, Runnable after) {
        this.tunnel = tunnel;
        this.agent = agent;
        this.after = after;
        tunnel.closed().whenComplete((done, failure) -> {
            if (failure != null) {
                // Refused for good. Not on the agent's own thread, which its close waits for.
                Thread closer = new Thread(this::release, "culvert-closer");
                closer.setDaemon(true);
                closer.start();
            }
        });
    }

    private void release() {
        if (!released.compareAndSet(false, true)) {
            Awaiting.done(gone);
            return;
        }
        try {
            agent.close();
        } finally {
            try {
                after.run();
            } finally {
                gone.complete(null);
            }
        }
    }

    @Override
    public void close() {
        try {
            tunnel.close();
        } finally {
            release();
        }
    }

    @Override
    public URI publicUrl() {
        return tunnel.publicUrl();
    }

    @Override
    public String name() {
        return tunnel.name();
    }

    @Override
    public String transport() {
        return tunnel.transport();
    }

    @Override
    public TunnelState state() {
        return tunnel.state();
    }

    @Override
    public TunnelStats stats() {
        return tunnel.stats();
    }

    @Override
    public Optional<Duration> roundTrip() {
        return tunnel.roundTrip();
    }

    @Override
    public CompletionStage<DataStream> connect() {
        return tunnel.connect();
    }

    @Override
    public CompletionStage<Void> closed() {
        return tunnel.closed();
    }
}
