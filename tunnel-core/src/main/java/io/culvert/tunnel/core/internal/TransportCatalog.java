package io.culvert.tunnel.core.internal;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.spi.TransportProvider;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;

/** The transports that one role may use, the preferred first. Immutable. */
public final class TransportCatalog {
    private static final Map<String, String> ARTIFACTS =
            Map.of("tcp", "io.culvert:transport-tcp", "control", "io.culvert:transport-jetty");

    private final Map<String, TransportProvider> byName;

    private TransportCatalog(Map<String, TransportProvider> byName) {
        this.byName = byName;
    }

    /**
     * Finds what is on the class path or module path.
     *
     * @param wanted the names to keep, in that order; empty for all that have no negative preference
     * @param given take the place of what is found under their names
     * @throws TunnelException {@code MISSING_ARTIFACT} or {@code BAD_CONFIGURATION}, with what to do
     */
    public static TransportCatalog load(List<String> wanted, List<TransportProvider> given) {
        List<TransportProvider> found = new ArrayList<>();
        try {
            ServiceLoader.load(TransportProvider.class, TransportProvider.class.getClassLoader())
                    .forEach(found::add);
            ServiceLoader.load(TransportProvider.class).forEach(found::add);
        } catch (ServiceConfigurationError x) {
            throw new TunnelException(
                    TunnelError.BAD_CONFIGURATION, "A transport could not be loaded: " + x.getMessage(), x);
        }
        Set<String> replaced = given.stream().map(TransportProvider::name).collect(Collectors.toSet());
        found.removeIf(provider -> replaced.contains(provider.name()));
        found.addAll(given);
        return of(found, wanted);
    }

    /** The one of that name that is found; throws as {@link #load} does if there is none. */
    public static TransportProvider find(String name) {
        return load(List.of(name), List.of()).byName.get(name);
    }

    /** As {@link #load}, from given providers. */
    static TransportCatalog of(List<TransportProvider> found, List<String> wanted) {
        Map<String, TransportProvider> all = new LinkedHashMap<>();
        found.stream()
                .sorted(Comparator.comparingInt(TransportProvider::preference).reversed())
                .forEach(provider -> {
                    TransportProvider other = all.putIfAbsent(provider.name(), provider);
                    // Both look-ups may find the same class.
                    if (other != null && other.getClass() != provider.getClass()) {
                        throw new TunnelException(
                                TunnelError.BAD_CONFIGURATION,
                                "Two transports are named '" + provider.name() + "': "
                                        + other.getClass().getName() + " and "
                                        + provider.getClass().getName() + ". Remove one.");
                    }
                });
        Map<String, TransportProvider> kept = new LinkedHashMap<>();
        if (wanted.isEmpty()) {
            all.forEach((name, provider) -> {
                if (provider.preference() >= 0) {
                    kept.put(name, provider);
                }
            });
        } else {
            wanted.forEach(name -> kept.put(name, named(name, all)));
        }
        if (kept.isEmpty()) {
            throw new TunnelException(
                    TunnelError.MISSING_ARTIFACT,
                    "No transport is present. Add the dependency io.culvert:transport-tcp.");
        }
        return new TransportCatalog(kept);
    }

    private static TransportProvider named(String name, Map<String, TransportProvider> all) {
        TransportProvider provider = all.get(name);
        if (provider != null) {
            return provider;
        }
        String artifact = ARTIFACTS.get(name);
        if (artifact != null) {
            throw new TunnelException(
                    TunnelError.MISSING_ARTIFACT,
                    "The transport '" + name + "' is not present. Add the dependency " + artifact + ".");
        }
        throw new TunnelException(
                TunnelError.BAD_CONFIGURATION,
                "There is no transport '" + LogText.clean(name) + "'. Present are: " + String.join(", ", all.keySet())
                        + ".");
    }

    /** The names, the preferred first. */
    public List<String> names() {
        return List.copyOf(byName.keySet());
    }

    /** The provider of that name. */
    public Optional<TransportProvider> get(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** The first of the offered names that is allowed here. */
    public Optional<TransportProvider> choose(List<String> offered) {
        return offered.stream().filter(byName::containsKey).findFirst().map(byName::get);
    }
}
