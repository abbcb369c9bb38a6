package io.culvert.tunnel.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.culvert.tunnel.TunnelState;
import io.culvert.tunnel.capture.CapturedExchange.State;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrafficTest {
    private final Traffic traffic = new Traffic(3, 1000);

    private static CapturedExchange exchange(State state, long bytes) {
        CapturedExchange exchange = mock();
        when(exchange.number()).thenReturn(1L); // as two agents may count alike
        when(exchange.state()).thenReturn(state);
        when(exchange.keptBytes()).thenReturn(bytes);
        return exchange;
    }

    private List<CapturedExchange> kept() {
        return traffic.exchanges().stream().map(Traffic.Numbered::exchange).toList();
    }

    @Test
    void numbersAreItsOwn() {
        CapturedExchange ofOneAgent = exchange(State.COMPLETE, 1);
        CapturedExchange ofAnother = exchange(State.COMPLETE, 1);
        traffic.onChange(ofOneAgent);
        traffic.onChange(ofAnother);
        traffic.onChange(ofOneAgent);
        assertThat(kept()).containsExactly(ofOneAgent, ofAnother);
        assertThat(traffic.exchange(2).orElseThrow().exchange()).isSameAs(ofAnother);
    }

    @Test
    void whatBeginsWhileItIsPausedIsNeverKept() {
        CapturedExchange before = exchange(State.OPEN, 1);
        CapturedExchange during = exchange(State.OPEN, 1);
        traffic.onChange(before);
        traffic.recording(false);
        traffic.onChange(during);
        traffic.onChange(before);
        traffic.recording(true);
        traffic.onChange(during);
        assertThat(kept()).containsExactly(before);
    }

    @Test
    void whatWasClearedDoesNotComeBack() {
        CapturedExchange old = exchange(State.OPEN, 1);
        traffic.onChange(old);
        traffic.clear();
        traffic.onChange(old);
        CapturedExchange fresh = exchange(State.OPEN, 1);
        traffic.onChange(fresh);
        assertThat(kept()).containsExactly(fresh);
    }

    @Test
    void theOldestGoFirstByCountAndByBytes() {
        List<CapturedExchange> all = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            all.add(exchange(State.COMPLETE, 10));
            traffic.onChange(all.get(i));
        }
        assertThat(kept()).containsExactlyElementsOf(all.subList(2, 5));
        CapturedExchange large = exchange(State.OPEN, 985);
        traffic.onChange(large);
        assertThat(kept()).containsExactly(all.get(4), large);
        when(large.keptBytes()).thenReturn(5000L);
        traffic.onChange(large);
        assertThat(kept()).containsExactly(large);
    }

    @Test
    void watchersHearOfEachChangeUntilTheyLeave() {
        List<Long> heard = new ArrayList<>();
        Runnable leave = traffic.watch(heard::add);
        traffic.onChange(exchange(State.OPEN, 1));
        traffic.clear();
        traffic.onState(mock(), TunnelState.CONNECTING, null);
        leave.run();
        traffic.onChange(exchange(State.OPEN, 1));
        assertThat(heard).containsExactly(1L, 0L, 0L);
    }
}
