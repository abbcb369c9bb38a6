package io.culvert.tunnel.core;

import static io.culvert.tunnel.core.RelayFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelState;
import io.culvert.tunnel.core.net.OpenStream;
import io.culvert.tunnel.spi.StreamException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a flight recording tells of both roles. */
class FlightRecorderTest {
    /** Each relay has another address: JDK 17 may lose a text that an earlier recording in this JVM had as well. */
    private static final AtomicInteger PORTS = new AtomicInteger(30_000);

    private final RelayFixture fixture =
            new RelayFixture(options -> options.domain("example.test").port(PORTS.incrementAndGet()));
    private final AgentFixture agent =
            new AgentFixture(fixture.network, fixture.relay.port(), "owner-1", options -> options);

    @TempDir
    Path directory;

    @AfterEach
    void close() {
        agent.close();
        fixture.close();
    }

    private List<RecordedEvent> dump(Recording recording) throws Exception {
        Path file = directory.resolve("tunnel.jfr");
        recording.stop();
        recording.dump(file);
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().startsWith("culvert."))
                .sorted(Comparator.comparing(RecordedEvent::getEndTime)) // a file has each thread's events together
                .toList();
    }

    private static List<RecordedEvent> of(List<RecordedEvent> events, String type, String role) {
        return events.stream()
                .filter(event -> event.getEventType().getName().equals("culvert." + type)
                        && event.getString("role").equals(role))
                .toList();
    }

    private static RecordedEvent with(String stream, List<RecordedEvent> events) {
        return events.stream()
                .filter(event -> event.getString("stream").equals(stream))
                .findFirst()
                .orElseThrow();
    }

    private OpenStream open(StreamKind kind) throws Exception {
        return fixture.tunnel("demo").open(kind).get(10, TimeUnit.SECONDS);
    }

    @Test
    void streamsAreRecordedFromTheirOpeningToTheirEnd() throws Exception {
        try (Recording recording = new Recording()) {
            recording.start();
            fixture.network.echo(3000);
            agent.agent.expose(TunnelSpec.builder(3000).name("demo").build());
            OpenStream orderly = open(StreamKind.UPGRADE);
            orderly.meter().bytes(Direction.UP, 7);
            orderly.meter().bytes(Direction.DOWN, 9);
            orderly.stream().end();
            await(() -> fixture.metrics.orderly.get() == 1 && agent.metrics.orderly.get() == 1); // and so comes first
            OpenStream reset = open(StreamKind.HTTP);
            reset.stream().reset(new StreamException(TunnelError.CANCELLED, "The visitor left."));
            await(() -> fixture.metrics.reset.get() == 1 && agent.metrics.reset.get() == 1);
            agent.agent.expose(TunnelSpec.builder(4000).name("away").build());
            assertThat(RelaySessionTest.error(fixture.tunnel("away").open(StreamKind.HTTP)))
                    .isEqualTo(TunnelError.LOCAL_REFUSED);

            List<RecordedEvent> events = dump(recording);
            List<RecordedEvent> relays = of(events, "Stream", "relay");
            assertThat(relays).hasSize(2);
            RecordedEvent whole = with(orderly.stream().id(), relays);
            assertThat(whole.getString("tunnel")).isEqualTo("demo");
            assertThat(whole.getString("transport")).isEqualTo("memory");
            assertThat(whole.getString("kind")).isEqualTo("upgrade");
            assertThat(whole.getString("stream")).isEqualTo(orderly.stream().id());
            assertThat(whole.getLong("bytesUp")).isEqualTo(7);
            assertThat(whole.getLong("bytesDown")).isEqualTo(9);
            assertThat(whole.getString("end")).isEqualTo("ended");
            assertThat(whole.getDuration()).isPositive();
            assertThat(whole.getDuration("openLatency").isNegative()).isFalse();
            assertThat(with(reset.stream().id(), relays).getString("end")).isEqualTo("cancelled");
            assertThat(of(events, "Stream", "agent"))
                    .extracting(event -> event.getString("stream"))
                    .containsExactlyInAnyOrder(
                            orderly.stream().id(), reset.stream().id());
            assertThat(of(events, "StreamFailed", "relay"))
                    .extracting(event -> event.getString("error"))
                    .containsExactly("local-refused");
        }
    }

    @Test
    void theLinkIsRecordedFromItsLossToItsReturn() throws Exception {
        try (Recording recording = new Recording()) {
            recording.start();
            Tunnel tunnel =
                    agent.agent.expose(TunnelSpec.builder(3000).name("demo").build());
            await(() -> !agent.metrics.roundTrips.isEmpty());
            fixture.network.carriers.get(0).abort();
            await(() -> tunnel.state() == TunnelState.CONNECTING && agent.clock.waiting() > 0);
            agent.clock.advance(Duration.ofMillis(250));
            await(() -> tunnel.state() == TunnelState.OPEN);
            await(() -> agent.metrics.roundTrips.size() == 2); // the link knows a moment later, and pings at once

            List<RecordedEvent> events = dump(recording);
            assertThat(events)
                    .filteredOn(event -> event.getEventType().getName().equals("culvert.Reconnect"))
                    .singleElement()
                    .satisfies(event -> {
                        assertThat(event.getString("reason")).isEqualTo("link-lost");
                        assertThat(event.getString("relay")).startsWith("ws://127.0.0.1:");
                        assertThat(event.getInt("attempts")).isEqualTo(1);
                        assertThat(event.getBoolean("back")).isTrue();
                    });
            assertThat(of(events, "RoundTrip", "agent")).isNotEmpty();
        }
    }
}
