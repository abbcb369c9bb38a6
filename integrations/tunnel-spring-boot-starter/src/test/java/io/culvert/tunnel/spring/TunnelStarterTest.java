package io.culvert.tunnel.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.Authenticator;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelMetrics;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.jetty.servlet.JettyServletWebServerFactory;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** An application that starts as its own users start it. */
class TunnelStarterTest {
    private static final String TOKEN = "application-token";

    private final List<ConfigurableApplicationContext> running = new ArrayList<>();
    private TunnelRelay relay;

    @Configuration(proxyBeanMethods = false)
    static class OnTomcat {
        @Bean
        TomcatServletWebServerFactory webServer() {
            return new TomcatServletWebServerFactory();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OnJetty {
        @Bean
        JettyServletWebServerFactory webServer() {
            return new JettyServletWebServerFactory();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class WithRegistry {
        @Bean
        MeterRegistry registry() {
            return new SimpleMeterRegistry();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Customized {
        @Bean
        TunnelCustomizer names() {
            return new TunnelCustomizer() {
                @Override
                public void customize(TunnelSpec.Builder tunnel) {
                    tunnel.name("by-bean");
                }
            };
        }
    }

    @BeforeEach
    void startRelay() {
        Authenticator tokens =
                token -> token.equals(TOKEN) ? Optional.of(new AgentIdentity("application")) : Optional.empty();
        relay = TunnelRelay.builder().authenticator(tokens).start();
    }

    @AfterEach
    void stop() {
        running.forEach(ConfigurableApplicationContext::close);
        relay.close();
    }

    private ConfigurableApplicationContext run(List<Class<?>> more, String... arguments) {
        List<Class<?>> sources = new ArrayList<>(more);
        sources.add(HelloApplication.class);
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--server.port=0");
        all.add("--spring.main.banner-mode=off");
        all.add("--logging.level.root=warn");
        ConfigurableApplicationContext context =
                new SpringApplicationBuilder(sources.toArray(Class<?>[]::new)).run(all.toArray(String[]::new));
        running.add(context);
        return context;
    }

    private String[] toRelay(String... more) {
        List<String> all = new ArrayList<>(List.of(more));
        all.add("--tunnel.relay=" + relay.uri());
        all.add("--tunnel.token=" + TOKEN);
        return all.toArray(String[]::new);
    }

    private static Tunnel tunnel(ConfigurableApplicationContext context) {
        ApplicationTunnel application = context.getBean(ApplicationTunnel.class);
        await().until(() -> application.tunnel().isPresent());
        return application.tunnel().orElseThrow();
    }

    private static HttpResponse<String> get(URI uri) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri.resolve("/")).build(), BodyHandlers.ofString());
    }

    @Test
    void anApplicationOnTomcatIsExposedMeasuredAndClosed() throws Exception {
        ConfigurableApplicationContext context =
                run(List.of(OnTomcat.class, WithRegistry.class), toRelay("--tunnel.name=shop"));
        Tunnel tunnel = tunnel(context);
        assertThat(tunnel.name()).isEqualTo("shop");
        assertThat(get(tunnel.publicUrl()).body()).startsWith("hello from Apache Tomcat");
        List<TunnelExposedEvent> exposed = context.getBean(HelloApplication.class).exposed;
        await().until(() -> exposed.size() == 1);
        assertThat(exposed.get(0).publicUrl()).isEqualTo(tunnel.publicUrl());
        assertThat(context.getBean("tunnelHealthIndicator", HealthIndicator.class)
                        .health())
                .satisfies(health -> {
                    assertThat(health.getStatus()).isEqualTo(Status.UP);
                    assertThat(health.getDetails())
                            .containsEntry("url", tunnel.publicUrl().toString());
                });
        MeterRegistry registry = context.getBean(MeterRegistry.class);
        assertThat(registry.get("tunnel.bytes")
                        .tags("role", "agent", "direction", "up")
                        .counter()
                        .count())
                .isPositive();

        context.close();
        await().until(() -> relay.tunnels().isEmpty());
        assertThat(registry.get("tunnel.tunnels").tags("role", "agent").gauge().value())
                .isZero();
        await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("culvert-agent")));
    }

    @Test
    void anApplicationOnJettyIsExposedByARelayOfItsOwn() throws Exception {
        ConfigurableApplicationContext context = run(List.of(OnJetty.class, Customized.class));
        Tunnel tunnel = tunnel(context);
        assertThat(tunnel.name()).isEqualTo("by-bean");
        assertThat(tunnel.publicUrl()).hasHost("127.0.0.1");
        assertThat(get(tunnel.publicUrl()).body()).startsWith("hello from jetty/");
        assertThat(context.getBeanNamesForType(TunnelMetrics.class)).isEmpty();
    }

    @Test
    void aRefusalIsToldAndTheApplicationRunsOn() {
        ConfigurableApplicationContext context =
                run(List.of(), "--tunnel.relay=" + relay.uri(), "--tunnel.token=wrong");
        ApplicationTunnel application = context.getBean(ApplicationTunnel.class);
        await().until(() -> application.failure().isPresent());
        assertThat(application.failure().orElseThrow().error()).isEqualTo(TunnelError.UNAUTHORIZED);
        assertThat(context.getBean("tunnelHealthIndicator", HealthIndicator.class)
                        .health())
                .satisfies(health -> {
                    assertThat(health.getStatus()).isEqualTo(Status.DOWN);
                    assertThat(health.getDetails()).containsEntry("error", "unauthorized");
                });
        assertThat(context.isActive()).isTrue();
    }

    @Test
    void failFastStopsTheApplication() {
        assertThatThrownBy(() -> run(
                        List.of(), "--tunnel.relay=" + relay.uri(), "--tunnel.token=wrong", "--tunnel.fail-fast=true"))
                .isInstanceOfSatisfying(
                        TunnelException.class, x -> assertThat(x.error()).isEqualTo(TunnelError.UNAUTHORIZED));
    }
}
