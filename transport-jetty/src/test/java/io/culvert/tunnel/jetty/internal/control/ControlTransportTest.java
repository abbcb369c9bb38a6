package io.culvert.tunnel.jetty.internal.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.spi.TransportProvider;
import io.culvert.tunnel.testkit.TransportContract;
import io.culvert.tunnel.testkit.TransportPair;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class ControlTransportTest implements TransportContract {
    @Override
    public TransportPair newPair() {
        return TransportPair.of(new ControlTransportProvider()).build();
    }

    @Override
    public boolean streamsSurviveControlLoss() {
        return false;
    }

    @Test
    void isFoundByItsName() {
        assertThat(ServiceLoader.load(TransportProvider.class))
                .filteredOn(provider -> provider.name().equals("control"))
                .singleElement()
                .isInstanceOf(ControlTransportProvider.class);
    }
}
