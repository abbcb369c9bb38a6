package io.culvert.tunnel.testkit.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a field of a {@link TunnelTest} holds gets a tunnel. The field may be private, static or not. It holds one of:
 *
 * <ul>
 *   <li>a port of this machine: an {@code int} or {@code Integer}, 0 and null meaning that it is not known yet
 *   <li>an address: {@link java.net.InetSocketAddress}, or a {@link java.net.URI} such as {@code https://localhost:8443}
 *   <li>a {@link io.culvert.tunnel.TunnelSpec}
 *   <li>a service inside the process, which needs no port: a {@link io.culvert.tunnel.spi.StreamService}, or a Jetty {@code Server}
 *   <li>any other server with a public method {@code getPort()}, {@code port()}, {@code getLocalPort()} or {@code getAddress()}, such as
 *       the JDK's {@code HttpServer} and most servers for tests
 *   <li>a {@link java.util.function.Supplier} or {@link java.util.function.IntSupplier} of one of these
 * </ul>
 *
 * <p>A port that is another one when the tunnel is next asked for gets a new tunnel in place of the old one.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
public @interface Exposed {
    /**
     * The tunnel's name, by which {@link InjectTunnel} finds it where there are several: of {@code a-z}, {@code 0-9} and {@code -}. Default:
     * the field's name here, and a random one at the relay.
     */
    String value() default "";
}
