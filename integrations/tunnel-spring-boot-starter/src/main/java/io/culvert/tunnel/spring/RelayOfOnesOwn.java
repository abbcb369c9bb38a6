package io.culvert.tunnel.spring;

import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.Authenticator;
import io.culvert.tunnel.TunnelRelay;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A relay inside the application, on loopback, whose token only this process knows.
 *
 * @param relay it
 * @param token what it takes
 */
record RelayOfOnesOwn(TunnelRelay relay, String token) implements AutoCloseable {
    private static final int TOKEN_BYTES = 16;

    static RelayOfOnesOwn start() {
        byte[] random = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(random);
        String token = HexFormat.of().formatHex(random);
        byte[] wanted = token.getBytes(StandardCharsets.UTF_8);
        Authenticator ownProcess = offered -> MessageDigest.isEqual(offered.getBytes(StandardCharsets.UTF_8), wanted)
                ? Optional.of(new AgentIdentity("application"))
                : Optional.empty();
        // The agent has let exchanges finish before.
        TunnelRelay relay = TunnelRelay.builder()
                .authenticator(ownProcess)
                .drainTimeout(Duration.ZERO)
                .start();
        return new RelayOfOnesOwn(relay, token);
    }

    URI uri() {
        return relay.uri();
    }

    @Override
    public void close() {
        relay.close();
    }

    @Override
    public String toString() {
        return "relay at " + relay.uri();
    }
}
