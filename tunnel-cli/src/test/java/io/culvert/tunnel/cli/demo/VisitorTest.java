package io.culvert.tunnel.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.cli.application.LocalApplication;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The application and its visitor, with nothing between them. */
class VisitorTest {
    @Test
    void everythingPassesWithoutATunnel() throws InterruptedException {
        try (LocalApplication application = DemoApplication.start()) {
            List<Outcome> outcomes = new Visitor(URI.create("http://127.0.0.1:" + application.port())).visit();
            assertThat(outcomes).hasSize(5).allSatisfy(outcome -> assertThat(outcome.passed())
                    .as(outcome.note())
                    .isTrue());
        }
    }

    @Test
    void whatIsNotThereIsAnOutcome() throws InterruptedException {
        int port;
        try (LocalApplication application = DemoApplication.start()) {
            port = application.port();
        }
        List<Outcome> outcomes = new Visitor(URI.create("http://127.0.0.1:" + port)).visit();
        assertThat(outcomes).hasSize(5).noneMatch(Outcome::passed);
    }
}
