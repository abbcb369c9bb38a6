package io.culvert.tunnel.testkit.junit;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** What {@link TunnelTest} brings with it; not to be registered by other means. */
public final class TunnelTestExtension
        implements BeforeAllCallback,
                BeforeEachCallback,
                BeforeTestExecutionCallback,
                AfterEachCallback,
                ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(TunnelTestExtension.class);

    /** Where the session of a single test is kept; those of classes are kept by their plan. */
    private static final String OF_A_TEST = "test";

    /** For JUnit. */
    public TunnelTestExtension() {}

    /** A session in a store. */
    private static final class Held extends ClosedByStore {
        final Session session;

        Held(Session session) {
            super(session::close);
            this.session = session;
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        fill(context, false);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        session(context).begin(context);
        fill(context, false);
    }

    @Override
    public void beforeTestExecution(ExtensionContext context) {
        fill(context, true);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        session(context).end(context);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return Injection.supports(parameter);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return find(context)
                .orElseThrow(() -> new IllegalStateException("The parameter " + parameter.getParameter()
                        + " of " + parameter.getDeclaringExecutable()
                        + " asks for a tunnel, but each test of "
                        + context.getRequiredTestClass().getSimpleName()
                        + " has its own, as an instance field is @Exposed. Make that field static, or"
                        + " ask in a test or in @BeforeEach."))
                .require(parameter.getParameter().getType(), Injection.key(parameter.getParameter()));
    }

    /** The session of a test or class. */
    private static Session session(ExtensionContext context) {
        return find(context).orElseThrow();
    }

    /** The session of a test or class; empty outside the tests if each has its own. */
    private static Optional<Session> find(ExtensionContext context) {
        Plan plan = plan(context);
        if (plan.shared()) {
            return Optional.of(held(ofClass(context), plan, plan));
        }
        return context.getTestMethod().isPresent() ? Optional.of(held(context, OF_A_TEST, plan)) : Optional.empty();
    }

    private static ExtensionContext ofClass(ExtensionContext context) {
        ExtensionContext at = context;
        while (at.getTestMethod().isPresent()) {
            at = at.getParent().orElseThrow();
        }
        return at;
    }

    private static Plan plan(ExtensionContext context) {
        ExtensionContext owner = ofClass(context);
        return owner.getStore(NAMESPACE).getOrComputeIfAbsent(owner.getUniqueId(), id -> Plan.of(owner), Plan.class);
    }

    /** The session that a context or one around it holds; made for this one if there is none. */
    private static Session held(ExtensionContext context, Object key, Plan plan) {
        return context.getStore(NAMESPACE)
                .getOrComputeIfAbsent(
                        key, any -> new Held(new Session(context, plan.options(), plan.exposures(context))), Held.class)
                .session;
    }

    /** Fills the fields that ask for something. */
    private static void fill(ExtensionContext context, boolean required) {
        for (Field field : Plan.fields(context, InjectTunnel.class)) {
            // What a class around this one asks for is meant as it is there, whatever this one exposes beside.
            ExtensionContext around = Plan.declaring(field, context);
            Plan there = plan(around);
            boolean isStatic = Modifier.isStatic(field.getModifiers());
            Optional<Session> session = find(isStatic && there.shared() ? around : context);
            Optional<Object> instance = Plan.instance(field, context);
            if (session.isPresent() && (isStatic || instance.isPresent())) {
                String key = Injection.key(field);
                fill(field, instance.orElse(null), session.get(), key.isEmpty() ? there.onlyKey() : key, required);
            }
        }
    }

    private static void fill(Field field, @Nullable Object instance, Session session, String key, boolean required) {
        String what = "The field " + field.getName() + " of "
                + field.getDeclaringClass().getSimpleName();
        Injection.check(field.getType(), what);
        if (Modifier.isFinal(field.getModifiers())) {
            throw new IllegalStateException(what + " is marked with @InjectTunnel and must not be final.");
        }
        Optional<Object> value =
                required ? Optional.of(session.require(field.getType(), key)) : session.find(field.getType(), key);
        try {
            field.setAccessible(true);
            if (value.isPresent()) {
                field.set(instance, value.get());
            }
        } catch (IllegalAccessException x) {
            throw new IllegalStateException(what + " cannot be filled.", x);
        }
    }
}
