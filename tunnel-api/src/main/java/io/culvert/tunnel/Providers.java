package io.culvert.tunnel;

import io.culvert.tunnel.spi.TunnelProvider;
import java.util.Iterator;
import java.util.ServiceLoader;

/** Finds the implementation. */
final class Providers {
    private Providers() {}

    static TunnelProvider find() {
        Iterator<TunnelProvider> found = ServiceLoader.load(TunnelProvider.class, TunnelProvider.class.getClassLoader())
                .iterator();
        if (!found.hasNext()) {
            found = ServiceLoader.load(TunnelProvider.class).iterator();
        }
        if (!found.hasNext()) {
            throw new TunnelException(
                    TunnelError.MISSING_ARTIFACT,
                    "tunnel-api is here but nothing that implements it. Add the dependency io.culvert:transport-tcp.");
        }
        TunnelProvider provider = found.next();
        if (found.hasNext()) {
            throw new TunnelException(
                    TunnelError.BAD_CONFIGURATION,
                    "Two implementations of TunnelProvider are present: "
                            + provider.getClass().getName() + " and "
                            + found.next().getClass().getName() + ". Remove one.");
        }
        return provider;
    }
}
