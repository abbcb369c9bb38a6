package io.culvert.tunnel.cli.options;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import java.net.URI;
import java.util.regex.Pattern;

/**
 * The service that a command exposes.
 *
 * @param host where it listens
 * @param port its port
 * @param tls whether it speaks {@code https}
 */
public record LocalService(String host, int port, boolean tls) {
    private static final Pattern PORT = Pattern.compile("[0-9]{1,9}");
    private static final String HTTPS = "https";

    /**
     * Reads {@code PORT}, {@code HOST:PORT}, {@code http://HOST:PORT} or {@code https://HOST:PORT}.
     *
     * @param usualHost where a mere port is
     * @throws TunnelException {@code BAD_CONFIGURATION} for anything else
     */
    public static LocalService of(String argument, String usualHost) {
        if (PORT.matcher(argument).matches()) {
            return new LocalService(usualHost, Integer.parseInt(argument), false);
        }
        URI uri;
        try {
            uri = URI.create(argument.contains("://") ? argument : "tcp://" + argument);
        } catch (IllegalArgumentException x) {
            throw wrong(argument, x);
        }
        boolean tls = HTTPS.equalsIgnoreCase(uri.getScheme());
        int usualPort = tls ? 443 : "http".equalsIgnoreCase(uri.getScheme()) ? 80 : 0;
        int port = uri.getPort() >= 0 ? uri.getPort() : usualPort;
        boolean more = uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null;
        boolean path = !uri.getRawPath().isEmpty() && !uri.getRawPath().equals("/");
        boolean scheme = tls || usualPort == 80 || "tcp".equals(uri.getScheme()) && !argument.contains("://");
        if (uri.getHost() == null || port == 0 || more || path || !scheme) {
            throw wrong(argument, null);
        }
        String host = uri.getHost();
        return new LocalService(host.startsWith("[") ? host.substring(1, host.length() - 1) : host, port, tls);
    }

    private static TunnelException wrong(String argument, IllegalArgumentException cause) {
        return new TunnelException(
                TunnelError.BAD_CONFIGURATION,
                "'" + argument + "' is no local service: use PORT, HOST:PORT, http://HOST:PORT or https://HOST:PORT,"
                        + " without a path.",
                cause);
    }
}
