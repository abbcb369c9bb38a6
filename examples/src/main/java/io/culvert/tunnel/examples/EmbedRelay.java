package io.culvert.tunnel.examples;

import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.Authenticator;
import io.culvert.tunnel.Direction;
import io.culvert.tunnel.StreamInfo;
import io.culvert.tunnel.TunnelMetrics;
import io.culvert.tunnel.TunnelRelay;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * An application that is a relay: agents with the right token get a port each. After {@code mvn verify}:
 *
 * <pre>java -cp tunnel-cli/target/culvert.jar:examples/target/classes io.culvert.tunnel.examples.EmbedRelay 8080 secret</pre>
 *
 * <p>The arguments are the port, 0 for any, and the token that agents need.
 */
public final class EmbedRelay {
    private EmbedRelay() {}

    /** Serves until standard input ends. */
    public static void main(String[] args) throws IOException {
        ByteCount count = new ByteCount();
        try (TunnelRelay relay = TunnelRelay.builder()
                .port(Integer.parseInt(args[0]))
                .authenticator(onlyToken(args[1]))
                .metrics(count)
                .start()) {
            System.out.println(relay.uri());
            System.in.read();
            relay.tunnels().forEach((name, url) -> System.err.println(name + " was at " + url));
            relay.connections().forEach(System.err::println);
        }
        System.err.println(count.up.sum() + " bytes went up, " + count.down.sum() + " came down.");
    }

    /** Lets in who knows the one token; the comparison takes the same time for every wrong one. */
    private static Authenticator onlyToken(String expected) {
        byte[] right = expected.getBytes(StandardCharsets.UTF_8);
        return token -> MessageDigest.isEqual(right, token.getBytes(StandardCharsets.UTF_8))
                ? Optional.of(new AgentIdentity("example"))
                : Optional.empty();
    }

    private static final class ByteCount implements TunnelMetrics {
        private final LongAdder up = new LongAdder();
        private final LongAdder down = new LongAdder();

        @Override
        public void bytes(StreamInfo stream, Direction direction, long count) {
            (direction == Direction.UP ? up : down).add(count);
        }
    }
}
