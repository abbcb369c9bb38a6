package io.culvert.tunnel.testkit.junit;

import java.lang.annotation.Annotation;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestInstances;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;

/**
 * What a class's annotations ask for. Equal for a nested class that adds nothing to what the class around it asks for.
 *
 * @param options from the nearest {@link TunnelTest}
 * @param exposed the fields marked with {@link Exposed}, those of the outermost class first
 * @param shared whether the tests of the class share one session
 */
record Plan(SessionOptions options, List<Field> exposed, boolean shared) {
    /** For the class of the context. */
    static Plan of(ExtensionContext context) {
        List<Field> exposed = fields(context, Exposed.class);
        boolean shared = exposed.stream().allMatch(field -> isShared(field, context));
        return new Plan(SessionOptions.of(annotation(context)), exposed, shared);
    }

    private static TunnelTest annotation(ExtensionContext context) {
        List<Class<?>> types = types(context);
        for (int i = types.size() - 1; i >= 0; i--) {
            Optional<TunnelTest> found = AnnotationSupport.findAnnotation(types.get(i), TunnelTest.class);
            if (found.isPresent()) {
                return found.get();
            }
        }
        throw new IllegalStateException(
                context.getRequiredTestClass().getName() + " is not marked with @TunnelTest, so "
                        + TunnelTestExtension.class.getSimpleName()
                        + " cannot serve it. Use the annotation, or TunnelExtension.builder().");
    }

    /**
     * The test class of the context and those that it is nested in, the outermost first. Not what the language says: a nested class may be
     * inherited, and then belongs to the subclass that is run.
     */
    private static List<Class<?>> types(ExtensionContext context) {
        List<Class<?>> types = new ArrayList<>();
        for (Optional<ExtensionContext> at = Optional.of(context);
                at.isPresent();
                at = at.get().getParent()) {
            at.get().getTestClass().filter(type -> !types.contains(type)).ifPresent(type -> types.add(0, type));
        }
        return types;
    }

    /** The annotated fields of a test class, its superclasses and the classes around it, those of the outermost class first. */
    static List<Field> fields(ExtensionContext context, Class<? extends Annotation> annotation) {
        return types(context).stream()
                .flatMap(type ->
                        AnnotationSupport.findAnnotatedFields(
                                type, annotation, any -> true, HierarchyTraversalMode.TOP_DOWN)
                                .stream())
                .distinct()
                .toList();
    }

    /** The context of the class that a field belongs to, itself or by a superclass: the given one, or one around it. */
    static ExtensionContext declaring(Field field, ExtensionContext context) {
        for (Optional<ExtensionContext> at = Optional.of(context);
                at.isPresent();
                at = at.get().getParent()) {
            boolean declares = at.get()
                    .getTestClass()
                    .filter(type -> field.getDeclaringClass().isAssignableFrom(type))
                    .isPresent();
            if (declares) {
                return at.get();
            }
        }
        return context;
    }

    private static boolean isShared(Field field, ExtensionContext context) {
        return Modifier.isStatic(field.getModifiers())
                || declaring(field, context).getTestInstanceLifecycle().equals(Optional.of(Lifecycle.PER_CLASS));
    }

    /** The name of what is exposed if there is one thing only; else empty. */
    String onlyKey() {
        return exposed.size() == 1 ? key(exposed.get(0)) : "";
    }

    private static String key(Field field) {
        String given = field.getAnnotation(Exposed.class).value();
        return given.isEmpty() ? field.getName() : given;
    }

    /** What the fields hold, read from the instances of the context when it is asked for. */
    List<Exposure> exposures(ExtensionContext context) {
        return exposed.stream().map(field -> exposure(field, context)).toList();
    }

    private static Exposure exposure(Field field, ExtensionContext context) {
        String given = field.getAnnotation(Exposed.class).value();
        Optional<String> name = Optional.of(given).filter(n -> !n.isEmpty());
        String what = "@Exposed " + field.getType().getSimpleName() + " " + field.getName() + " of "
                + field.getDeclaringClass().getSimpleName();
        return new Exposure(key(field), name, what, () -> read(field, context));
    }

    private static @Nullable Object read(Field field, ExtensionContext context) {
        Object instance = instance(field, context).orElse(null);
        if (instance == null && !Modifier.isStatic(field.getModifiers())) {
            return null; // the test's instance is only being made
        }
        try {
            field.setAccessible(true);
            return field.get(instance);
        } catch (IllegalAccessException x) {
            throw new IllegalStateException(x);
        }
    }

    /** The object whose field it is; empty for static ones, and while there is no instance. */
    static Optional<Object> instance(Field field, ExtensionContext context) {
        if (Modifier.isStatic(field.getModifiers())) {
            return Optional.empty();
        }
        return context.getTestInstances().flatMap(instances -> holder(instances, field.getDeclaringClass()));
    }

    private static Optional<Object> holder(TestInstances instances, Class<?> declaring) {
        return instances.findInstance(declaring).map(Object.class::cast);
    }
}
