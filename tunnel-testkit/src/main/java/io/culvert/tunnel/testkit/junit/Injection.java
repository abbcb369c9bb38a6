package io.culvert.tunnel.testkit.junit;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Executable;
import java.lang.reflect.Parameter;
import java.net.URI;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** What of a session goes into a parameter or a field. */
final class Injection {
    private Injection() {}

    /** Whether a parameter is meant. */
    static boolean supports(ParameterContext context) {
        Parameter parameter = context.getParameter();
        if (AnnotationSupport.isAnnotated(parameter, InjectTunnel.class)) {
            check(
                    parameter.getType(),
                    "The parameter " + parameter.getName() + " of " + context.getDeclaringExecutable());
            return true;
        }
        return Session.TYPES.contains(parameter.getType())
                && !(parameter.getType() == URI.class && hasArguments(context.getDeclaringExecutable()));
    }

    /** Whether a method has arguments of its own, which might be URIs. */
    private static boolean hasArguments(Executable executable) {
        return AnnotationSupport.isAnnotated(executable, TestTemplate.class)
                && !AnnotationSupport.isAnnotated(executable, RepeatedTest.class);
    }

    /** The name of the tunnel that a parameter or field wants; empty for the only one. */
    static String key(AnnotatedElement element) {
        return AnnotationSupport.findAnnotation(element, InjectTunnel.class)
                .map(InjectTunnel::value)
                .orElse("");
    }

    static void check(Class<?> type, String what) {
        if (!Session.TYPES.contains(type)) {
            throw new IllegalStateException(what
                    + " is marked with @InjectTunnel, but its type is none that can be injected: "
                    + Session.TYPES.stream().map(Class::getSimpleName).sorted().toList() + ".");
        }
    }
}
