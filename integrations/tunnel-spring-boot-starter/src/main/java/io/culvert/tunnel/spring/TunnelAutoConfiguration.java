package io.culvert.tunnel.spring;

import io.culvert.tunnel.TunnelMetrics;
import io.culvert.tunnel.micrometer.MicrometerMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;

/** Exposes the application, and shows the tunnel's health and metrics where Spring Boot shows the application's. */
@AutoConfiguration(
        afterName = {
            "org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration",
            "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration",
            "org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration"
        })
@Conditional(OnTunnelEnabled.class)
@EnableConfigurationProperties(TunnelProperties.class)
public class TunnelAutoConfiguration {
    /** For Spring. */
    public TunnelAutoConfiguration() {}

    /** The application's tunnel. */
    @Bean
    @ConditionalOnMissingBean
    public ApplicationTunnel applicationTunnel(
            TunnelProperties properties,
            ObjectProvider<TunnelMetrics> metrics,
            ObjectProvider<TunnelCustomizer> customizers) {
        return new ApplicationTunnel(
                properties,
                metrics.getIfAvailable(() -> TunnelMetrics.NOOP),
                customizers.orderedStream().toList());
    }

    /** Measurements in the application's own registry. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(MeterRegistry.class)
    @ConditionalOnBean(MeterRegistry.class)
    static class Metrics {
        @Bean
        @ConditionalOnMissingBean
        TunnelMetrics tunnelMetrics(MeterRegistry registry) {
            return new MicrometerMetrics(registry);
        }
    }

    /** The tunnel among the application's health indicators. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
    static class TunnelHealth {
        @Bean
        @ConditionalOnMissingBean(name = "tunnelHealthIndicator")
        @ConditionalOnEnabledHealthIndicator("tunnel")
        HealthIndicator tunnelHealthIndicator(ApplicationTunnel tunnel) {
            return new TunnelHealthIndicator(tunnel);
        }
    }
}
