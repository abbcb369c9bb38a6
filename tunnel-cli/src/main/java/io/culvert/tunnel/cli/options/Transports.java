package io.culvert.tunnel.cli.options;

import io.culvert.tunnel.spi.TransportProvider;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;

/** The transports that this program has. */
public final class Transports {
    private Transports() {}

    /** Their names, the preferred first, without those that are used only when they are named. */
    public static List<String> found() {
        return ServiceLoader.load(TransportProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.preference() >= 0)
                .sorted(Comparator.comparingInt(TransportProvider::preference).reversed())
                .map(TransportProvider::name)
                .toList();
    }
}
