package io.culvert.tunnel.tcp.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import io.culvert.tunnel.jetty.EndPointStream;
import io.culvert.tunnel.spi.ControlChannel;
import io.culvert.tunnel.spi.RelayContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What no luck with threads may decide, with a connection whose watch is under the test's control. */
class RelaySlotsTest {
    private final EndPointStream connection = mock(EndPointStream.class);
    private final List<String> outcomes = new ArrayList<>();
    private final ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);
    private RelaySlots slots;
    private Consumer<EndPointStream> arrival;

    @BeforeEach
    void grantOne() {
        scheduler.setRemoveOnCancelPolicy(true);
        RelayContext context = mock(RelayContext.class);
        when(context.slots()).thenReturn(1);
        when(context.newStreamId()).thenReturn("id");
        when(context.openTimeout()).thenReturn(Duration.ofSeconds(10));
        when(context.executor()).thenReturn(Runnable::run);
        when(context.scheduler()).thenReturn(scheduler);
        when(context.control()).thenReturn(mock(ControlChannel.class));
        when(connection.id()).thenReturn("id");
        doAnswer(call -> {
                    call.getArgument(0, Runnable.class).run();
                    return null;
                })
                .when(connection)
                .unpark(any());
        SessionGrants grants = mock(SessionGrants.class);
        when(grants.grant(any(), any())).thenAnswer(call -> {
            arrival = call.getArgument(1);
            return mock(Grant.class);
        });
        slots = new RelaySlots(context, grants);
        slots.start();
    }

    @AfterEach
    void stop() {
        scheduler.shutdownNow();
    }

    private void take() {
        slots.take(stream -> outcomes.add("found"), () -> outcomes.add("none"));
    }

    @Test
    void aConnectionIsHandedOutOnlyWhenItsWatchHasBegun() {
        doAnswer(call -> {
                    take();
                    return null;
                })
                .when(connection)
                .park(any(), any());
        arrival.accept(connection);
        take();
        assertThat(outcomes).containsExactly("none", "found");
    }

    @Test
    void aConnectionWhoseWatchEndsAsItBeginsIsNeverHandedOut() {
        doAnswer(call -> {
                    Consumer<Throwable> onEnd = call.getArgument(1);
                    onEnd.accept(null);
                    return null;
                })
                .when(connection)
                .park(any(), any());
        arrival.accept(connection);
        take();
        assertThat(outcomes).containsExactly("none");
        verify(connection).reset(any());
    }

    @Test
    void onceClosedTheyAreNotKeptByWhatWasToHappenLater() {
        assertThat(scheduler.getQueue())
                .as("the look for grants that were not used")
                .hasSize(1);
        slots.close();
        assertThat(scheduler.getQueue()).isEmpty();
        arrival.accept(connection);
        assertThat(scheduler.getQueue()).isEmpty();
    }
}
