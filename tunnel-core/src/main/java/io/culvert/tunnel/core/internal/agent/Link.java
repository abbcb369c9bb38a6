package io.culvert.tunnel.core.internal.agent;

import io.culvert.tunnel.Role;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.core.internal.CreditBudget;
import io.culvert.tunnel.core.internal.Ids;
import io.culvert.tunnel.core.internal.LogText;
import io.culvert.tunnel.core.internal.SerialExecutor;
import io.culvert.tunnel.core.internal.Wire;
import io.culvert.tunnel.core.internal.channel.SendQueue;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.message.TunnelMessage.Drain;
import io.culvert.tunnel.message.TunnelMessage.Expose;
import io.culvert.tunnel.message.TunnelMessage.Refused;
import io.culvert.tunnel.message.TunnelMessage.Register;
import io.culvert.tunnel.message.TunnelMessage.Registered;
import io.culvert.tunnel.message.TunnelMessage.Withdraw;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An agent's side of a session: dials the relay, registers the tunnels, and does so again after each loss. One wire at a time: the next
 * attempt begins when everyone knows that the last one's wire is closed.
 */
final class Link {
    /** So long a closing agent waits for a relay that does not read. */
    private static final Duration LAST_WORDS_TIME = Duration.ofSeconds(1);

    /** How long the closing of WebSockets may take, at most. */
    private static final long FAREWELL_MILLIS = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(Link.class);

    private final AgentParts parts;
    private final String agentId = Ids.id();
    private final LinkFailures failures;
    private final SerialExecutor tasks; // where the link is changed
    private final SendQueue queue;
    private final TunnelTable tunnels;
    private final CurrentSession session;
    private final Pulse pulse;

    // All below: touched in tasks only.
    private final Attempts attempts;
    private final Outage outage;
    private LinkState state = LinkState.IDLE;
    private @Nullable TunnelException lastFailure; // since the link was open
    private boolean stood; // whether the link was ever open
    private @Nullable TunnelException endReason; // why there is no new tunnel, once DRAINING or CLOSED
    private Set<String> asked = Set.of(); // refs of the wishes in the last Register

    Link(AgentParts parts, Random random) {
        this.parts = parts;
        this.failures = new LinkFailures(parts.config().relay());
        this.tasks = SerialExecutor.on(parts.network().executor());
        this.attempts = new Attempts(parts.timing(), tasks, random);
        this.outage = new Outage(parts);
        this.queue = new SendQueue(parts.codec(), parts.network().executor(), delta -> parts.metrics()
                .sendQueued(Role.AGENT, delta));
        this.pulse = new Pulse(parts, queue);
        this.tunnels = new TunnelTable(parts, this, queue);
        this.session = new CurrentSession(parts, this, queue, tunnels);
    }

    String transportName() {
        return session.transportName();
    }

    /** The tunnels that are wanted now. */
    List<AgentTunnel> tunnels() {
        return tunnels.all();
    }

    /** A new tunnel, on its way to the relay. */
    AgentTunnel expose(TunnelSpec spec) {
        AgentTunnel tunnel = new AgentTunnel(tunnels.newRef(), spec, parts, this);
        tasks.execute(() -> add(tunnel));
        return tunnel;
    }

    private void add(AgentTunnel tunnel) {
        if (endReason != null) {
            tunnel.fail(endReason);
            return;
        }
        tunnels.add(tunnel);
        if (state == LinkState.OPEN) {
            queue.send(new Expose(tunnel.wish()));
        } else if (state == LinkState.IDLE || state == LinkState.BACKOFF) {
            dial();
        }
    }

    /** The application waited long enough for a tunnel's first answer. */
    void giveUp(AgentTunnel tunnel, Duration waited) {
        tasks.execute(() -> {
            if (!tunnel.wasGranted()) {
                tunnel.fail(failures.noTunnel(tunnel.spec(), waited, lastFailure));
                remove(tunnel);
            }
        });
    }

    /** A tunnel is over, or about to be. */
    void withdraw(AgentTunnel tunnel) {
        tasks.execute(() -> remove(tunnel));
    }

    private void remove(AgentTunnel tunnel) {
        if (tunnels.remove(tunnel) && state == LinkState.OPEN && tunnel.wasGranted()) {
            queue.send(
                    new Withdraw(tunnel.name(), farewellMillis(parts.options().drainTimeout())));
        }
        if (tunnels.isEmpty() && isTrying()) {
            giveUpAttempt("Nothing is left to expose.");
            transitionTo(LinkState.IDLE);
        }
    }

    /** When the relay is to say farewell to WebSockets, so that there is time for it before the drain time is over. */
    private static long farewellMillis(Duration drainTime) {
        long millis = drainTime.toMillis();
        return millis - Math.min(FAREWELL_MILLIS, millis / 4);
    }

    /** Asks again for a tunnel that the relay could not give back yet. */
    void askAgain(AgentTunnel tunnel) {
        tasks.execute(() -> {
            if (state == LinkState.OPEN && tunnels.contains(tunnel)) {
                queue.send(new Expose(tunnel.wish()));
            }
        });
    }

    /**
     * Lets streams finish that are open or on their way. Completes when all tunnels are closed and the relay was told, as it would wait for an
     * agent that is only lost; {@link #end} should follow.
     */
    CompletableFuture<Void> drain(Duration atMost) {
        CompletableFuture<Void> over = new CompletableFuture<>();
        tasks.execute(() -> {
            boolean asked = state == LinkState.OPEN || state == LinkState.DRAINING && attempts.hasCurrent();
            if (state == LinkState.OPEN) {
                long farewell = farewellMillis(atMost);
                queue.send(new Drain(farewell, TunnelError.CLOSING.code()));
                tunnels.all().forEach(tunnel -> queue.send(new Withdraw(tunnel.name(), farewell)));
            } else if (!asked) {
                giveUpAttempt("The agent is closing.");
            }
            CompletableFuture<Void> told = queue.flush();
            ScheduledFuture<?> impatience = parts.timing().after(LAST_WORDS_TIME, () -> told.complete(null));
            told.whenComplete((done, failure) -> impatience.cancel(false));
            CompletableFuture<Void> finished =
                    finish(atMost, null, new TunnelException(TunnelError.CLOSED, "The agent was closed."));
            CompletableFuture.allOf(told, finished).whenComplete((done, failure) -> over.complete(null));
            if (!asked) {
                tunnels.noMoreOpenings();
            }
        });
        return over;
    }

    private CompletableFuture<Void> finish(
            Duration atMost, @Nullable TunnelException forTunnels, TunnelException reason) {
        if (state != LinkState.CLOSED) {
            transitionTo(LinkState.DRAINING);
        }
        if (endReason == null) {
            endReason = reason;
        }
        return tunnels.drain(atMost, forTunnels);
    }

    /** Ends the link for good: no attempt follows, every tunnel is closed. Completes when that is done. */
    CompletableFuture<Void> end(TunnelException reason) {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        tasks.execute(() -> {
            endNow(reason);
            ended.complete(null);
        });
        return ended;
    }

    private void endNow(TunnelException reason) {
        if (state != LinkState.CLOSED) {
            endReason = reason;
            giveUpAttempt(reason.error().advice());
            transitionTo(LinkState.CLOSED);
            outage.over(false);
            session.close();
            tunnels.all().forEach(tunnel -> tunnel.fail(reason));
        }
    }

    private void dial() {
        attempts.cancelTimer();
        if (attempts.hasCurrent()) {
            transitionTo(LinkState.BACKOFF); // dials when that one is gone
            return;
        }
        transitionTo(LinkState.CONNECTING);
        outage.attempt();
        LinkAttempt next = new LinkAttempt(this, session, queue);
        attempts.begin(next, () -> tookTooLong(next));
        next.dial(parts).whenComplete((wire, failure) -> tasks.execute(() -> dialled(next, wire, failure)));
    }

    private void dialled(LinkAttempt which, @Nullable Wire wire, @Nullable Throwable failure) {
        if (!attempts.isCurrent(which) || state != LinkState.CONNECTING) {
            which.close(Wire.GOING_AWAY, "This attempt was given up.", TunnelError.CANCELLED);
        } else if (wire == null) {
            failed(which, (TunnelException) failure, true);
        } else {
            transitionTo(LinkState.REGISTERING);
            List<AgentTunnel> wanted = tunnels.all();
            asked = new HashSet<>(wanted.stream().map(AgentTunnel::ref).toList());
            which.register(
                    wire,
                    new Register(
                            TunnelMessage.VERSION,
                            agentId,
                            wanted.stream().map(AgentTunnel::wish).toList(),
                            parts.catalog().names(),
                            CreditBudget.PROCESS.initialCredit(parts.options().credit())));
        }
    }

    private void tookTooLong(LinkAttempt which) {
        failed(which, failures.silent(Attempts.TIMEOUT), true);
    }

    /** The relay said no. */
    void refused(LinkAttempt which, Refused refused) {
        tasks.execute(() -> failed(which, failures.refused(refused), refused.retryable()));
    }

    private void failed(LinkAttempt which, TunnelException failure, boolean mayRetry) {
        if (!attempts.isCurrent(which) || state != LinkState.CONNECTING && state != LinkState.REGISTERING) {
            return;
        }
        boolean renewal = stood && failure.error() == TunnelError.RELAY_UNTRUSTED;
        if (renewal) {
            attempts.slowDown(); // it is the relay's operator who can help
        }
        if (renewal || mayRetry && failure.error().retryable()) {
            giveUpAttempt("This attempt was given up.");
            retryLater(failure);
        } else {
            LOG.warn("The link ends for good: {}", failure.getMessage());
            endNow(failure);
        }
    }

    private void retryLater(TunnelException why) {
        lastFailure = why;
        if (tunnels.isEmpty()) {
            transitionTo(LinkState.IDLE);
            return;
        }
        Duration wait = attempts.pause(this::dialAgain);
        transitionTo(LinkState.BACKOFF);
        LOG.info("Dialling the relay again in {} ms: {}", wait.toMillis(), why.getMessage());
    }

    private void dialAgain() {
        if (state == LinkState.BACKOFF) {
            dial();
        }
    }

    /** The session stands. From the wire's strand, before the tunnels are granted. */
    void opened(LinkAttempt which, Registered registered) {
        tasks.execute(() -> {
            Wire wire = which.wire();
            if (!attempts.isCurrent(which) || state != LinkState.REGISTERING || wire == null) {
                return;
            }
            attempts.succeeded();
            stood = true;
            lastFailure = null;
            transitionTo(LinkState.OPEN);
            outage.over(true);
            pulse.start(which, wire, Duration.ofMillis(registered.limits().pingMillis()));
            tunnels.all().stream()
                    .filter(tunnel -> !asked.contains(tunnel.ref()))
                    .forEach(tunnel -> queue.send(new Expose(tunnel.wish())));
        });
    }

    /** How long the last ping took; empty before the first answer. */
    Optional<Duration> roundTrip() {
        return pulse.roundTrip();
    }

    /** The wire is closed; the transport knows. From the wire's strand. */
    void lost(LinkAttempt which, Wire.Closed closed) {
        tasks.execute(() -> {
            if (!attempts.isCurrent(which)) {
                return;
            }
            attempts.gone();
            if (state == LinkState.DRAINING) {
                pulse.stop();
                tunnels.noMoreOpenings();
            } else if (state == LinkState.OPEN) {
                pulse.stop();
                TunnelException cause = failures.lost(closed);
                tunnels.all().forEach(tunnel -> tunnel.lost(cause));
                outage.begin(closed);
                retryLater(cause);
            } else if (state == LinkState.CONNECTING || state == LinkState.REGISTERING) {
                attempts.cancelTimer();
                retryLater(failures.closedEarly(closed));
            } else if (state == LinkState.BACKOFF && !attempts.hasTimer()) {
                dial();
            }
        });
    }

    /** The relay takes no new streams any more. */
    void relayDrains(LinkAttempt which, Drain drain) {
        tasks.execute(() -> {
            if (!attempts.isCurrent(which) || state != LinkState.OPEN) {
                return;
            }
            if (!drain.code().equals(TunnelError.REPLACED.code())) {
                LOG.info("The relay is about to go ({}); dialling again when it is gone", LogText.clean(drain.code()));
                return;
            }
            LOG.warn("Another agent with the same token took over; this one finishes and does not come back");
            Duration limit = parts.options().drainTimeout();
            Duration given = Duration.ofMillis(Math.max(0, drain.deadlineMillis()));
            TunnelException replaced = new TunnelException(TunnelError.REPLACED);
            finish(given.compareTo(limit) < 0 ? given : limit, replaced, replaced)
                    .whenComplete((done, failure) -> end(replaced));
        });
    }

    /** The relay has no stream for this agent any more, and will have none. */
    void relayDrained(LinkAttempt which) {
        tasks.execute(() -> {
            if (attempts.isCurrent(which) && state == LinkState.DRAINING) {
                tunnels.noMoreOpenings();
            }
        });
    }

    /** Closes what stands of the attempt or the session. It is gone when {@link #lost} says so. */
    private void giveUpAttempt(String reason) {
        attempts.giveUp(reason);
        pulse.stop();
    }

    private boolean isTrying() {
        return state == LinkState.CONNECTING || state == LinkState.REGISTERING || state == LinkState.BACKOFF;
    }

    private void transitionTo(LinkState next) {
        LOG.debug("Link to {}: {} -> {}", parts.config().relay(), state, next);
        state = next;
    }
}
