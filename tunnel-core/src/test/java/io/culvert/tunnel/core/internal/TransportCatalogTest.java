package io.culvert.tunnel.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.spi.AgentContext;
import io.culvert.tunnel.spi.AgentTransport;
import io.culvert.tunnel.spi.RelayContext;
import io.culvert.tunnel.spi.RelayTransport;
import io.culvert.tunnel.spi.TransportProvider;
import java.util.List;
import org.junit.jupiter.api.Test;

class TransportCatalogTest {
    private final List<TransportProvider> found =
            List.of(new Named("low", 1), new Named("hidden", -1), new Named("high", 2));

    @Test
    void thePreferredStandFirstAndNegativeOnesAreLeftOut() {
        TransportCatalog all = TransportCatalog.of(found, List.of());
        assertThat(all.names()).containsExactly("high", "low");
        assertThat(all.choose(List.of("hidden", "low", "high")).orElseThrow().name())
                .isEqualTo("low");
        assertThat(all.choose(List.of("hidden"))).isEmpty();
    }

    @Test
    void theApplicationsOrderCounts() {
        assertThat(TransportCatalog.of(found, List.of("hidden", "low")).names()).containsExactly("hidden", "low");
    }

    @Test
    void bothLookUpsMayFindTheSame() {
        List<TransportProvider> twice = List.of(new Named("a", 0), new Named("a", 0));
        assertThat(TransportCatalog.of(twice, List.of()).names()).containsExactly("a");
    }

    @Test
    void twoOfOneNameFailWithBothClasses() {
        TransportProvider other = new Other("low");
        assertThatThrownBy(() -> TransportCatalog.of(List.of(found.get(0), other), List.of()))
                .hasMessageContaining(Named.class.getName())
                .hasMessageContaining(Other.class.getName());
    }

    @Test
    void whatIsMissingIsNamed() {
        assertThatThrownBy(() -> TransportCatalog.of(found, List.of("tcp")))
                .isInstanceOfSatisfying(
                        TunnelException.class, x -> assertThat(x.error()).isEqualTo(TunnelError.MISSING_ARTIFACT))
                .hasMessageContaining("io.culvert:transport-tcp");
        assertThatThrownBy(() -> TransportCatalog.of(found, List.of("pigeon")))
                .isInstanceOfSatisfying(
                        TunnelException.class, x -> assertThat(x.error()).isEqualTo(TunnelError.BAD_CONFIGURATION))
                .hasMessageContaining("high, low, hidden");
        assertThatThrownBy(() -> TransportCatalog.of(List.of(), List.of()))
                .hasMessageContaining("io.culvert:transport-tcp");
    }

    @Test
    void whatIsOnTheClassPathIsFound() {
        assertThat(TransportCatalog.load(List.of(), List.of()).names()).containsExactly("test");
        assertThat(TransportCatalog.load(List.of("memory"), List.of()).get("memory"))
                .isPresent();
    }

    @Test
    void whatTheApplicationGivesTakesThePlaceOfWhatIsFound() {
        TransportProvider given = new Other("memory");
        TransportProvider more = new Named("more", 5);
        TransportCatalog catalog = TransportCatalog.load(List.of(), List.of(given, more));
        assertThat(catalog.names()).startsWith("more").containsExactlyInAnyOrder("more", "memory", "test");
        assertThat(catalog.get("memory")).containsSame(given);
        assertThat(TransportCatalog.load(List.of("memory"), List.of(given)).get("memory"))
                .containsSame(given);
    }

    private static class Named implements TransportProvider {
        private final String name;
        private final int preference;

        Named(String name, int preference) {
            this.name = name;
            this.preference = preference;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public int preference() {
            return preference;
        }

        @Override
        public RelayTransport relayHalf(RelayContext context) {
            throw new UnsupportedOperationException();
        }

        @Override
        public AgentTransport agentHalf(AgentContext context) {
            throw new UnsupportedOperationException();
        }
    }

    private static final class Other extends Named {
        Other(String name) {
            super(name, 0);
        }
    }
}
