/**
 * For Spring Boot applications: with this on the class path, {@code tunnel.relay} set and the web server ready, the application has a public
 * URL. {@link io.culvert.tunnel.spring.TunnelExposedEvent} tells it.
 */
@NullMarked
package io.culvert.tunnel.spring;

import org.jspecify.annotations.NullMarked;
