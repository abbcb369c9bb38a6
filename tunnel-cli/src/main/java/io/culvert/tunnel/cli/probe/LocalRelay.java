package io.culvert.tunnel.cli.probe;

import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;

/** A relay that only this process can use: web pages and other users of the machine don't know its token. */
public final class LocalRelay implements AutoCloseable {
    private final String token;
    private final TunnelRelay relay;

    private LocalRelay(String token, TunnelRelay relay) {
        this.token = token;
        this.relay = relay;
    }

    /** Starts it on a free port of loopback. */
    public static LocalRelay start(Duration drain) {
        byte[] bytes = new byte[16];
        new SecureRandom().nextBytes(bytes);
        String token = HexFormat.of().formatHex(bytes);
        TunnelRelay relay = TunnelRelay.builder()
                .authenticator(offered ->
                        token.equals(offered) ? Optional.of(new AgentIdentity("this-process")) : Optional.empty())
                .drainTimeout(drain)
                .start();
        return new LocalRelay(token, relay);
    }

    /** An agent's builder for this relay. */
    public TunnelAgent.Builder agent() {
        return TunnelAgent.builder().relay(relay.uri()).token(token);
    }

    /** Its address for agents. */
    public URI uri() {
        return relay.uri();
    }

    @Override
    public void close() {
        relay.close();
    }
}
