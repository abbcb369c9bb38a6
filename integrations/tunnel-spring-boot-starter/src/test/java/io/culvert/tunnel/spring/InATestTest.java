package io.culvert.tunnel.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.ApplicationContext;
import org.springframework.test.annotation.DirtiesContext;

/** Spring's tests expose nothing unless they ask for it. */
class InATestTest {
    @Nested
    @DirtiesContext
    @SpringBootTest(classes = HelloApplication.class, webEnvironment = WebEnvironment.RANDOM_PORT)
    class Usually {
        @Test
        void nothingIsExposed(@Autowired ApplicationContext context) {
            assertThat(context.getBeanNamesForType(ApplicationTunnel.class)).isEmpty();
        }
    }

    @Nested
    @DirtiesContext
    @SpringBootTest(
            classes = HelloApplication.class,
            webEnvironment = WebEnvironment.RANDOM_PORT,
            properties = "tunnel.in-tests=true")
    class WhenAsked {
        @Test
        void theApplicationIsExposed(@Autowired ApplicationTunnel application) {
            await().until(() -> application.tunnel().isPresent());
        }
    }
}
