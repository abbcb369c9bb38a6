package io.culvert.tunnel.core.internal.agent;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.core.internal.Wire;
import io.culvert.tunnel.core.internal.channel.SendQueue;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.message.TunnelMessage.Drain;
import io.culvert.tunnel.message.TunnelMessage.Drained;
import io.culvert.tunnel.message.TunnelMessage.Exposed;
import io.culvert.tunnel.message.TunnelMessage.HttpResponse;
import io.culvert.tunnel.message.TunnelMessage.Ping;
import io.culvert.tunnel.message.TunnelMessage.Pong;
import io.culvert.tunnel.message.TunnelMessage.Refused;
import io.culvert.tunnel.message.TunnelMessage.Register;
import io.culvert.tunnel.message.TunnelMessage.Registered;
import io.culvert.tunnel.message.TunnelMessage.Slots;
import io.culvert.tunnel.message.TunnelMessage.StreamMessage;
import io.culvert.tunnel.message.TunnelMessage.WebSocketReady;
import io.culvert.tunnel.spi.StreamException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt to have a control channel, and that channel if it came to be. What comes in is handled on the reader's thread: messages about
 * streams go to the transport at once; the link hears of the rest in its own time.
 */
final class LinkAttempt implements Wire.Receiver {
    private static final Logger LOG = LoggerFactory.getLogger(LinkAttempt.class);

    private final Link link;
    private final CurrentSession sessions;
    private final SendQueue queue;

    private volatile @Nullable Wire wire; // written once, when the carrier stands
    private volatile boolean attached; // whether the queue sends on the wire; written in the link's tasks
    private volatile @Nullable AgentSession session; // the session that stands here; written in the wire's strand

    private volatile LongConsumer pongs = nonce -> {}; // written in the link's tasks

    LinkAttempt(Link link, CurrentSession sessions, SendQueue queue) {
        this.link = link;
        this.sessions = sessions;
        this.queue = queue;
    }

    /** Dials. The outcome fails with a {@link TunnelException} only. */
    CompletableFuture<Wire> dial(AgentParts parts) {
        CompletableFuture<?> carrier;
        try {
            carrier = parts.network()
                    .connect(parts.config().relay(), parts.config().token(), stands -> {
                        Wire made =
                                new Wire(stands, parts.codec(), parts.timing().nanoTime(), this);
                        wire = made;
                        return made;
                    });
        } catch (RuntimeException x) {
            carrier = CompletableFuture.failedFuture(x);
        }
        CompletableFuture<Wire> outcome = new CompletableFuture<>();
        carrier.whenComplete((stands, failure) -> {
            if (failure == null && wire != null) {
                outcome.complete(wire);
            } else {
                outcome.completeExceptionally(unreachable(parts, failure));
            }
        });
        return outcome;
    }

    private static TunnelException unreachable(AgentParts parts, @Nullable Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof TunnelException known) {
            return known;
        }
        String what = "The relay at " + parts.config().relay() + " could not be reached: " + cause;
        return new TunnelException(TunnelError.RELAY_UNREACHABLE, what, cause);
    }

    /** The carrier stands: says who the agent is and what it wants. */
    void register(Wire on, Register register) {
        attached = true;
        queue.attach(on.carrier());
        queue.send(register);
    }

    /** Who hears of the relay's answers to pings. */
    void onPong(LongConsumer listener) {
        pongs = listener;
    }

    /** The wire, once the carrier stands. */
    @Nullable
    Wire wire() {
        return wire;
    }

    /** Ends the wire, if it stands. Returns whether {@link Link#lost} follows, and must be waited for. */
    boolean close(int code, String reason, TunnelError error) {
        Wire stands = wire;
        if (stands != null) {
            stands.close(code, reason, error);
        }
        return attached;
    }

    /** Ends the wire, as the relay broke a rule. From any thread. */
    void fail(int code, String reason) {
        close(code, reason, TunnelError.PROTOCOL);
    }

    @Override
    public void onMessage(Wire from, TunnelMessage message) {
        AgentSession on = session;
        if (message instanceof Ping ping) {
            queue.send(new Pong(ping.nonce()));
        } else if (message instanceof Pong pong) {
            pongs.accept(pong.nonce());
        } else if (on == null) {
            answered(message);
        } else if (isForTransport(message)) {
            on.transport().onMessage(message);
        } else if (message instanceof Exposed exposed) {
            sessions.answer(exposed.tunnel());
        } else if (message instanceof Drain drain) {
            link.relayDrains(this, drain);
        } else if (message instanceof Drained) {
            link.relayDrained(this);
        } else {
            unexpected(message);
        }
    }

    private void answered(TunnelMessage message) {
        if (message instanceof Registered registered) {
            session = sessions.begin(this, registered);
        } else if (message instanceof Refused refused) {
            link.refused(this, refused);
        } else {
            unexpected(message);
        }
    }

    private static boolean isForTransport(TunnelMessage message) {
        return message instanceof Slots
                || message instanceof StreamMessage
                        && !(message instanceof HttpResponse)
                        && !(message instanceof WebSocketReady);
    }

    private void unexpected(TunnelMessage message) {
        String when = session == null ? " before Registered." : " on a session that stands.";
        fail(Wire.PROTOCOL_ERROR, "A relay does not send " + message.getClass().getSimpleName() + when);
    }

    @Override
    public void onClosed(Wire from, Wire.Closed closed) {
        AgentSession on = session;
        if (on != null) {
            on.channel().shut();
        }
        if (attached) {
            queue.detach(new StreamException(TunnelError.LINK_LOST, closed.reason()));
        }
        if (on != null) {
            try {
                on.transport().onControlLost();
            } catch (RuntimeException x) {
                LOG.error("Transport {} failed on the loss of the control channel", on.transportName(), x);
            }
        }
        link.lost(this, closed);
    }
}
