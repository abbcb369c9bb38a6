package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.Authenticator;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A token that is taken out of the file while its agent is connected. */
class RevokedTokenTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    Path directory;

    private static TunnelAgent agent(TunnelRelay relay, TransportCase transport, String token) {
        TunnelAgent.Builder builder =
                TunnelAgent.builder().relay(relay.uri()).token(token).drainTimeout(Duration.ZERO);
        transport.on(builder);
        return builder.build();
    }

    @ParameterizedTest
    @EnumSource(
            value = TransportCase.class,
            names = {"CONTROL", "TCP"})
    void endsItsSessionsAndNobodyElses(TransportCase transport) throws Exception {
        Path tokens = Files.writeString(directory.resolve("tokens"), "revoked\nkept\n");
        TunnelRelay.Builder builder =
                TunnelRelay.builder().domain("example.test").authenticator(Authenticator.tokens(tokens));
        transport.on(builder);
        try (TunnelRelay relay = builder.start();
                UpgradingOrigin origin = new UpgradingOrigin();
                TunnelAgent revoked = agent(relay, transport, "revoked");
                TunnelAgent kept = agent(relay, transport, "kept")) {
            Tunnel gone = revoked.expose(
                    TunnelSpec.builder(origin.port()).name("gone").build());
            kept.expose(TunnelSpec.builder(origin.port()).name("stays").build());
            try (RawHttp cut = upgraded(relay, "gone");
                    RawHttp cutOff = new RawHttp(origin.upgraded());
                    RawHttp whole = upgraded(relay, "stays");
                    Socket goesOn = origin.upgraded()) {
                Path next = Files.writeString(directory.resolve("next"), "kept\n");
                Files.move(next, tokens, StandardCopyOption.REPLACE_EXISTING);

                cut.assertReset();
                cutOff.assertReset();
                await().atMost(LIMIT)
                        .until(() -> gone.closed().toCompletableFuture().isDone());
                assertThatThrownBy(() -> gone.closed().toCompletableFuture().join())
                        .hasCauseInstanceOf(TunnelException.class)
                        .satisfies(x -> assertThat(((TunnelException) x.getCause()).error())
                                .isEqualTo(TunnelError.UNAUTHORIZED));
                whole.send("still");
                assertThat(UpgradingOrigin.read(goesOn, 5)).isEqualTo("still");
            }
        }
    }

    private static RawHttp upgraded(TunnelRelay relay, String name) throws IOException {
        RawHttp visitor = RawHttp.connect(relay.port()).send(Upgrades.request(name + ".example.test"));
        assertThat(visitor.readHead()).startsWith("HTTP/1.1 101 ");
        return visitor;
    }
}
