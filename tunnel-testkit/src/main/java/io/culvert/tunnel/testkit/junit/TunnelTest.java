package io.culvert.tunnel.testkit.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives a test class a relay and an agent of its own, on free ports of loopback, and exposes what its fields marked with {@link Exposed}
 * hold. Holds for subclasses and nested classes too, and may stand on annotations of one's own.
 *
 * <pre>{@code
 * @TunnelTest
 * class WebhookTest {
 *     @Exposed int port;
 *
 *     @BeforeEach void start() { port = application.start(); }
 *
 *     @Test void aWebhookArrives(URI url) { … }
 * }
 * }</pre>
 *
 * <p><strong>One for all or one for each.</strong> If every exposed field is static, or belongs to a class with the life cycle {@code
 * PER_CLASS}, the tests of the class share one relay with its tunnels. Otherwise each test has its own, so that tests may run at the same time
 * without meeting each other's faults and traffic.
 *
 * <p><strong>When.</strong> Relay and agent start, and a tunnel is opened, when a test or a method of its life cycle first asks for them: by
 * a parameter or a field. A field that is exposed must have its value by then; whoever sets it in {@code @BeforeEach} asks in the test.
 * Everything is closed after {@code @AfterEach} or {@code @AfterAll}, and then the test fails if something was left open behind the
 * tunnel; the failure names it.
 *
 * <p><strong>What is injected.</strong> Parameters, and fields marked with {@link InjectTunnel}, of these types: {@code URI} (the public
 * URL), {@link io.culvert.tunnel.Tunnel}, {@link io.culvert.tunnel.TunnelRelay}, {@link io.culvert.tunnel.TunnelAgent},
 * {@link io.culvert.tunnel.testkit.fault.StreamFaults} and {@link io.culvert.tunnel.testkit.recording.Recorder}. Faults are lifted and
 * recorded traffic is forgotten before each test that does not begin while another one of the same relay runs. A parameter of a parameterized test that is a
 * {@code URI} has to say {@link InjectTunnel}, as it might as well be one of the test's arguments.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.ANNOTATION_TYPE})
@ExtendWith(TunnelTestExtension.class)
public @interface TunnelTest {
    /** The transports to use, the preferred first, such as {@code tcp}. Default: those that are found, as in the application. */
    String[] transport() default {};

    /** What chance in faults depends on. Default, 0: another seed each time, which failures name. */
    long seed() default 0;

    /**
     * Whether agent and relay have a bad network between them and the relay can be restarted: then {@link
     * io.culvert.tunnel.testkit.fault.FaultRelay} and its {@link io.culvert.tunnel.testkit.fault.FaultProxy} are injected too. Default: they
     * talk directly.
     */
    boolean badNetwork() default false;

    /** Whether a test fails that leaves something open behind a tunnel. */
    boolean leakCheck() default true;
}
