package io.culvert.tunnel.testkit.junit;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** All the kinds of things that may be exposed. */
class TargetTest {
    static final Object[] PORTS = {
        3000,
        URI.create("http://localhost:3000"),
        new InetSocketAddress("localhost", 3000),
        new InetSocketAddress(3000),
        (Supplier<Integer>) () -> 3000,
        (IntSupplier) () -> 3000,
        (Supplier<Object>) () -> new Listening(3000),
        new Listening(3000)
    };

    /** Stands for a server of some library. */
    public record Listening(int getPort) {}

    @ParameterizedTest
    @FieldSource("PORTS")
    void aPort(Object exposed) {
        Target target = Target.of(exposed, Optional.of("app")).orElseThrow();
        assertThat(target.spec()).hasToString("app=localhost:3000");
        assertThat(target.mayChange()).isTrue();
        assertThat(target.identity())
                .isEqualTo(Target.of(3000, Optional.empty()).orElseThrow().identity());
    }

    @Test
    void aPortThatIsNotKnownYet() {
        assertThat(Target.of(0, Optional.empty())).isEmpty();
        assertThat(Target.of(null, Optional.empty())).isEmpty();
        assertThat(Target.of(new Listening(-1), Optional.empty())).isEmpty();
        assertThat(Target.of((Supplier<Object>) () -> null, Optional.empty())).isEmpty();
    }

    @Test
    void tlsByItsUri() {
        URI secure = URI.create("https://localhost:8443");
        assertThat(Target.of(secure, Optional.empty()).orElseThrow().spec()).hasToString("https://localhost:8443");
    }

    @Test
    void aServiceStaysWhatItIs() {
        Echo service = new Echo();
        Target target = Target.of(service, Optional.empty()).orElseThrow();
        assertThat(target.mayChange()).isFalse();
        assertThat(target.spec().service()).contains(service);
    }
}
