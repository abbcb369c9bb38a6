package io.culvert.tunnel.cli.options;

import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import java.net.URI;

/** The HTTP proxy on the way to a relay, as a command line or a file names it. */
public final class ProxyAddress {
    private ProxyAddress() {}

    /**
     * Reads {@code http://HOST:PORT}. A password does not stand where others can read it.
     *
     * @throws TunnelException {@code BAD_CONFIGURATION} if it is something else
     */
    public static URI read(String text) {
        URI address;
        try {
            address = URI.create(text);
        } catch (IllegalArgumentException x) {
            throw new TunnelException(
                    TunnelError.BAD_CONFIGURATION, "The proxy must be given as http://HOST:PORT; this is no URL.");
        }
        if (address.getRawUserInfo() != null) {
            throw new TunnelException(
                    TunnelError.BAD_CONFIGURATION,
                    "A proxy's user and password do not stand here. Put the whole address into HTTPS_PROXY (for a wss"
                            + " relay) or HTTP_PROXY (for a ws relay).");
        }
        TunnelAgent.builder().proxy(address);
        return address;
    }
}
