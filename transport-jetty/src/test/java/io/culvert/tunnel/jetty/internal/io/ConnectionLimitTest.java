package io.culvert.tunnel.jetty.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.culvert.tunnel.Limit;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.io.EndPoint;
import org.junit.jupiter.api.Test;

class ConnectionLimitTest {
    private final List<Limit> reached = new ArrayList<>();
    private final ConnectionLimit limit =
            new ConnectionLimit(4, 2, address -> address.getHostAddress().equals("192.0.2.100"), reached::add);

    private static EndPoint from(String address) {
        EndPoint endPoint = mock();
        when(endPoint.getRemoteSocketAddress()).thenReturn(new InetSocketAddress(address, 1));
        return endPoint;
    }

    /** One that knows no address any more, as it closed. */
    private void leave(EndPoint endPoint) {
        when(endPoint.getRemoteSocketAddress()).thenReturn(null);
        limit.leave(endPoint);
    }

    @Test
    void oneAddressHasItsShareAndGetsItBack() {
        EndPoint first = from("192.0.2.1");
        assertThat(limit.enter(first)).isTrue();
        assertThat(limit.enter(from("192.0.2.1"))).isTrue();
        EndPoint refused = from("192.0.2.1");
        assertThat(limit.enter(refused)).isFalse();
        leave(refused); // was never counted
        assertThat(limit.enter(from("192.0.2.1"))).isFalse();
        assertThat(limit.enter(from("192.0.2.2"))).isTrue();
        leave(first);
        assertThat(limit.enter(from("192.0.2.1"))).isTrue();
        assertThat(reached).containsExactly(Limit.CONNECTIONS_PER_ADDRESS, Limit.CONNECTIONS_PER_ADDRESS);
    }

    @Test
    void aHostHasOneShareForAllItsAddressesInIpv6() {
        assertThat(limit.enter(from("2001:db8::1"))).isTrue();
        assertThat(limit.enter(from("2001:db8::2"))).isTrue();
        assertThat(limit.enter(from("2001:db8::3"))).isFalse();
        assertThat(limit.enter(from("2001:db8:0:1::3"))).isTrue();
    }

    @Test
    void allTogetherHaveABoundTrustedProxiesIncluded() {
        for (int i = 0; i < 4; i++) {
            assertThat(limit.enter(from("192.0.2.100"))).isTrue();
        }
        assertThat(limit.enter(from("192.0.2.100"))).isFalse();
        assertThat(limit.enter(from("192.0.2.3"))).isFalse();
        assertThat(reached).containsExactly(Limit.CONNECTIONS, Limit.CONNECTIONS);
    }
}
