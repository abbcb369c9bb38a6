package io.culvert.tunnel.core.internal.relay;

import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.Limit;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.internal.LogText;
import io.culvert.tunnel.core.internal.Wire;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.message.TunnelMessage.Ping;
import io.culvert.tunnel.message.TunnelMessage.Pong;
import io.culvert.tunnel.message.TunnelMessage.Register;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A control channel that no session has yet: waits for {@code Register}, for a time. */
public final class Handshake implements Wire.Receiver {
    private static final Logger LOG = LoggerFactory.getLogger(Handshake.class);

    private final RelayParts parts;
    private final Supplier<Sessions> sessions; // asked in control tasks
    private final AgentIdentity identity;
    private final String remote;
    private final Runnable over;
    private @Nullable ScheduledFuture<?> timeout; // only touched in the wire's strand
    private boolean registering; // only touched in the wire's strand

    /**
     * Waits for nothing yet.
     *
     * @param over run when it is over, however it ends
     */
    public Handshake(
            RelayParts parts, Supplier<Sessions> sessions, AgentIdentity identity, String remote, Runnable over) {
        this.parts = parts;
        this.sessions = sessions;
        this.identity = identity;
        this.remote = LogText.clean(remote);
        this.over = over;
    }

    /** Starts to wait. */
    public void begin(Wire wire) {
        Duration limit = parts.options().timeouts().register();
        wire.run(() -> timeout = parts.timing().after(limit, () -> wire.run(() -> late(wire))));
    }

    private void late(Wire wire) {
        if (!registering) {
            parts.metrics().limitReached(Limit.REGISTER_TIME);
            wire.close(
                    Wire.PROTOCOL_ERROR,
                    "No register message came within "
                            + parts.options().timeouts().register().toMillis() + " ms.",
                    TunnelError.PROTOCOL);
        }
    }

    @Override
    public void onMessage(Wire wire, TunnelMessage message) {
        if (message instanceof Register register && !registering) {
            registering = true;
            cancelTimeout();
            LOG.debug("An agent of {} registers from {}", identity.owner(), remote);
            parts.control().execute(() -> {
                try {
                    sessions.get().register(wire, identity, register);
                } finally {
                    over.run();
                }
            });
        } else if (!(message instanceof Ping) && !(message instanceof Pong)) {
            String name = message.getClass().getSimpleName();
            wire.close(
                    Wire.PROTOCOL_ERROR,
                    "The first message must be register, and none may follow before its answer; this was " + name + ".",
                    TunnelError.PROTOCOL);
        }
    }

    @Override
    public void onClosed(Wire wire, Wire.Closed closed) {
        over.run();
        cancelTimeout();
        LOG.info("A control channel from {} ended without a session ({}): {}", remote, closed.code(), closed.reason());
    }

    private void cancelTimeout() {
        if (timeout != null) {
            timeout.cancel(false);
        }
    }
}
