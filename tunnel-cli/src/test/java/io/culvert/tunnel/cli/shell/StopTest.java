package io.culvert.tunnel.cli.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class StopTest {
    private final Stop stop = new Stop();

    @Test
    void tellsThatTheStageCompleted() {
        assertThat(stop.await(CompletableFuture.completedFuture("done"))).isTrue();
    }

    @Test
    void tellsThatTheEndWasAskedFor() {
        stop.request();
        stop.request();
        stop.await();
        assertThat(stop.await(new CompletableFuture<>())).isFalse();
    }

    @Test
    void passesTheStagesFailureOn() {
        RuntimeException failure = new IllegalStateException("broken");
        assertThatThrownBy(() -> stop.await(CompletableFuture.failedFuture(failure)))
                .isSameAs(failure);
    }

    @Test
    void aFailureAfterTheEndWasAskedForDoesNotMatter() {
        stop.request();
        assertThat(stop.await(CompletableFuture.failedFuture(new IllegalStateException("closed"))))
                .isFalse();
    }

    @Test
    void waitsLongerThanTheDrain() {
        stop.drainsWithin(Duration.ofSeconds(10));
        assertThat(stop.patience()).isGreaterThan(Duration.ofSeconds(10)).isLessThan(Duration.ofSeconds(20));
    }
}
