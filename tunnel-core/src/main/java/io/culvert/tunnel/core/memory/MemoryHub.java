package io.culvert.tunnel.core.memory;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Where the two halves of one session find each other: the relay's half registers, the agent's half looks it up. */
final class MemoryHub {
    private static final Map<String, MemoryRelayTransport> RELAYS = new ConcurrentHashMap<>();

    private MemoryHub() {}

    static void register(String dataSecret, MemoryRelayTransport relay) {
        RELAYS.put(dataSecret, relay);
    }

    static void unregister(String dataSecret, MemoryRelayTransport relay) {
        RELAYS.remove(dataSecret, relay);
    }

    static Optional<MemoryRelayTransport> find(String dataSecret) {
        return Optional.ofNullable(RELAYS.get(dataSecret));
    }
}
