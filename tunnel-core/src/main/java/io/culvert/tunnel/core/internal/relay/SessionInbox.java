package io.culvert.tunnel.core.internal.relay;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.internal.SerialExecutor;
import io.culvert.tunnel.core.internal.Wire;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.message.TunnelMessage.Drain;
import io.culvert.tunnel.message.TunnelMessage.Expose;
import io.culvert.tunnel.message.TunnelMessage.HttpRequest;
import io.culvert.tunnel.message.TunnelMessage.Ping;
import io.culvert.tunnel.message.TunnelMessage.Pong;
import io.culvert.tunnel.message.TunnelMessage.Registered;
import io.culvert.tunnel.message.TunnelMessage.StreamMessage;
import io.culvert.tunnel.message.TunnelMessage.WebSocketUpgrade;
import io.culvert.tunnel.message.TunnelMessage.Withdraw;
import io.culvert.tunnel.spi.StreamException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What comes in for one session, on the reader's thread: messages about streams go to the transport at once, the others become control
 * tasks. Of several wires one after the other, never two at a time.
 */
final class SessionInbox implements Wire.Receiver {
    /** How many control tasks one agent may have waiting. */
    static final int MAX_COMMANDS = 256;

    private static final Logger LOG = LoggerFactory.getLogger(SessionInbox.class);

    private final Session session;
    private final SerialExecutor control;
    private final AtomicInteger commands = new AtomicInteger();

    /** The wire that the transport knows of. */
    private volatile @Nullable Wire attached; // written in the wire's strand

    /** Whether a stream can be wished for. False before the transport hears of a loss, true after it heard of the return. */
    private volatile boolean connected; // written in the wire's strand

    private volatile LongConsumer pongs = nonce -> {}; // written in control tasks

    private boolean known; // whether the transport heard that the session stands; in strands only

    SessionInbox(Session session, SerialExecutor control) {
        this.session = session;
        this.control = control;
    }

    boolean connected() {
        return connected;
    }

    /** Who hears of the agent's answers to pings. */
    void onPong(LongConsumer listener) {
        pongs = listener;
    }

    /** Makes a wire the session's. The agent hears it first, then the transport, then the session. */
    void attach(Wire wire, Registered registered) {
        wire.handOver(this, () -> {
            session.queue().attach(wire.carrier());
            session.queue().send(registered);
            session.channel().open();
            attached = wire;
            if (known) {
                session.transport().onControlRestored();
            } else {
                known = true;
                session.transport().onRegistered();
            }
            connected = true;
            control.execute(() -> session.opened(wire));
        });
    }

    /** Ends the session with a close code, as the agent broke a rule. From any thread. */
    void fail(int code, String reason) {
        Wire wire = attached;
        if (wire != null) {
            wire.close(code, reason, TunnelError.PROTOCOL);
        }
    }

    @Override
    public void onMessage(Wire wire, TunnelMessage message) {
        if (message instanceof StreamMessage
                && !(message instanceof HttpRequest)
                && !(message instanceof WebSocketUpgrade)) {
            session.transport().onMessage(message);
        } else if (message instanceof Ping ping) {
            session.queue().send(new Pong(ping.nonce()));
        } else if (message instanceof Expose expose) {
            command(wire, () -> session.expose(expose.tunnel()));
        } else if (message instanceof Withdraw withdraw) {
            command(wire, () -> session.withdraw(withdraw.tunnel(), millis(withdraw.deadlineMillis())));
        } else if (message instanceof Drain drain) {
            command(wire, () -> session.agentLeaves(Duration.ofMillis(Math.max(0, drain.deadlineMillis()))));
        } else if (message instanceof Pong pong) {
            pongs.accept(pong.nonce());
        } else {
            String name = message.getClass().getSimpleName();
            wire.close(
                    Wire.PROTOCOL_ERROR,
                    "An agent does not send " + name + " on a session that stands.",
                    TunnelError.PROTOCOL);
        }
    }

    private static @Nullable Duration millis(@Nullable Long millis) {
        return millis == null ? null : Duration.ofMillis(Math.max(0, millis));
    }

    private void command(Wire wire, Runnable task) {
        if (commands.incrementAndGet() > MAX_COMMANDS) {
            wire.close(Wire.POLICY, "The agent asks for too much at once.", TunnelError.PROTOCOL);
        }
        control.execute(() -> {
            commands.decrementAndGet();
            task.run();
        });
    }

    @Override
    public void onClosed(Wire wire, Wire.Closed closed) {
        if (attached == wire) {
            attached = null;
            connected = false;
            session.channel().shut();
            session.queue().detach(new StreamException(TunnelError.LINK_LOST, closed.reason()));
            try {
                session.transport().onControlLost();
            } catch (RuntimeException x) {
                LOG.error("Transport {} failed on the loss of a control channel", session.transportName(), x);
            }
        }
        control.execute(() -> session.lost(wire, closed));
    }
}
