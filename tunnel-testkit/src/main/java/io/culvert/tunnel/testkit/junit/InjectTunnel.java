package io.culvert.tunnel.testkit.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A field that is filled from a tunnel, or a parameter where its type alone does not say from which. A field is filled before
 * {@code @BeforeEach} methods run if its tunnel can be opened by then, and else right before the test.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.FIELD, ElementType.PARAMETER})
public @interface InjectTunnel {
    /** Which tunnel: the name of what is exposed. Default: the only one. */
    String value() default "";
}
