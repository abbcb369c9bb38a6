package io.culvert.tunnel.cli.expose;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Supplier;

/** The tunnels of one command, and the agents that hold them: one for each list of transports that is asked for. */
final class Exposure implements AutoCloseable {
    private final List<Wanted> wanted;
    private final Map<List<String>, TunnelAgent> agents = new LinkedHashMap<>();

    /**
     * One tunnel to be.
     *
     * @param spec what it is
     * @param transports what it should use; empty for all
     */
    record Wanted(TunnelSpec spec, List<String> transports) {}

    /** A tunnel that stands, and what it is. */
    record Exposed(Tunnel tunnel, TunnelSpec spec) {}

    /** Agents for tunnels, not yet connected; {@code making} makes one for a list of transports. */
    Exposure(List<Wanted> wanted, Function<List<String>, TunnelAgent> making) {
        this.wanted = wanted;
        try {
            wanted.forEach(one -> agents.computeIfAbsent(one.transports(), making));
        } catch (RuntimeException x) {
            close();
            throw x;
        }
    }

    /** Opens all tunnels at the same time. Fails with the first failure. */
    CompletableFuture<List<Exposed>> open() {
        List<CompletableFuture<Exposed>> opening = wanted.stream()
                .map(one -> start(
                        "culvert-expose",
                        () -> new Exposed(agents.get(one.transports()).expose(one.spec()), one.spec())))
                .toList();
        CompletableFuture<List<Exposed>> all = CompletableFuture.allOf(opening.toArray(CompletableFuture[]::new))
                .thenApply(done -> opening.stream().map(CompletableFuture::join).toList());
        opening.forEach(one -> one.whenComplete((exposed, failure) -> {
            if (failure != null) {
                all.completeExceptionally(failure); // and not when the others are through
            }
        }));
        return all;
    }

    /** A service as a person would write it. */
    static String service(TunnelSpec spec) {
        return (spec.localTls().isPresent() ? "https://" : "") + spec.localHost() + ":" + spec.localPort();
    }

    /** Completes when every one is over; fails, then, with what ended the first that the relay refused for good. */
    static CompletableFuture<Void> over(List<Exposed> tunnels) {
        return CompletableFuture.allOf(tunnels.stream()
                .map(exposed -> exposed.tunnel().closed().toCompletableFuture())
                .toArray(CompletableFuture[]::new));
    }

    private static <T> CompletableFuture<T> start(String name, Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            thread.start();
        });
    }

    /** Closes all agents at the same time, as each may drain. */
    @Override
    public void close() {
        List<CompletableFuture<Void>> closing = new ArrayList<>();
        agents.values()
                .forEach(agent -> closing.add(start("culvert-close", () -> {
                    agent.close();
                    return null;
                })));
        try {
            closing.forEach(CompletableFuture::join);
        } catch (CompletionException x) {
            throw x.getCause() instanceof RuntimeException cause ? cause : x;
        }
    }
}
