package io.culvert.tunnel.core.internal.relay;

import io.culvert.tunnel.core.net.PublicTunnel;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The tunnels of a relay by what visitors address them with. Changed in control tasks only; read from any thread. */
public final class Registry {
    private final Map<String, RelayTunnel> byName = new ConcurrentHashMap<>();
    private final Map<String, RelayTunnel> byHost = new ConcurrentHashMap<>();
    private final Map<Integer, RelayTunnel> byPort = new ConcurrentHashMap<>();
    private final Absent absent;

    /**
     * An empty registry.
     *
     * @param nanoTime a monotonic clock, in nanoseconds
     * @param bound names and hosts that are set aside for agents
     */
    public Registry(LongSupplier nanoTime, Predicate<String> bound) {
        this.absent = new Absent(nanoTime, bound);
    }

    /** The tunnel of that name. */
    @Nullable
    RelayTunnel named(String name) {
        return byName.get(name);
    }

    /** The tunnel that has the host, be it its own or one under the domain. */
    Optional<RelayTunnel> atHost(String host, Addresses addresses) {
        RelayTunnel own = byHost.get(host);
        return own != null ? Optional.of(own) : addresses.nameOf(host).map(byName::get);
    }

    /** The tunnel that has a host of its own. */
    @Nullable
    RelayTunnel atOwnHost(String host) {
        return byHost.get(host);
    }

    /** Stands for a tunnel whose agent is away at a host where there is none now; {@code null} if there never was one. */
    @Nullable
    PublicTunnel absentAtHost(String host, Addresses addresses) {
        return absent.find(addresses.nameOf(host).orElse(host));
    }

    /** The tunnel's agent did not come back: visitors still hear for a while that it is away. */
    void remember(RelayTunnel tunnel) {
        absent.add(tunnel.name());
        if (tunnel.host() != null) {
            absent.add(tunnel.host());
        }
    }

    /** The tunnel that has a port of its own. */
    Optional<RelayTunnel> atPort(int port) {
        return Optional.ofNullable(byPort.get(port));
    }

    /** Where visitors find them, by name. */
    public Map<String, URI> urls() {
        Map<String, URI> urls = new TreeMap<>();
        byName.forEach((name, tunnel) -> urls.put(name, tunnel.url()));
        return urls;
    }

    /** Makes a tunnel reachable. */
    void add(RelayTunnel tunnel) {
        byName.put(tunnel.name(), tunnel);
        if (tunnel.host() != null) {
            byHost.put(tunnel.host(), tunnel);
        }
        if (tunnel.ownPort() != 0) {
            byPort.put(tunnel.ownPort(), tunnel);
        }
    }

    /** Makes a tunnel unreachable. */
    void remove(RelayTunnel tunnel) {
        byName.remove(tunnel.name(), tunnel);
        if (tunnel.host() != null) {
            byHost.remove(tunnel.host(), tunnel);
        }
        if (tunnel.ownPort() != 0) {
            byPort.remove(tunnel.ownPort(), tunnel);
        }
    }
}
