package io.culvert.tunnel.spring;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Whether the application is to be exposed: not if it is told not to, nor in a test that does not ask for it. */
final class OnTunnelEnabled extends SpringBootCondition {
    /** Set by Spring Boot in the environment of each application that a test starts. */
    private static final String IN_A_TEST = "org.springframework.boot.test.context.SpringBootTestContextBootstrapper";

    @Override
    public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
        Environment environment = context.getEnvironment();
        ConditionMessage.Builder message = ConditionMessage.forCondition("Tunnel");
        if (!environment.getProperty("tunnel.enabled", Boolean.class, true)) {
            return ConditionOutcome.noMatch(message.because("tunnel.enabled is false"));
        }
        if (environment.getProperty(IN_A_TEST, Boolean.class, false)
                && !environment.getProperty("tunnel.in-tests", Boolean.class, false)) {
            return ConditionOutcome.noMatch(message.because("this is a test and tunnel.in-tests is not true"));
        }
        return ConditionOutcome.match(message.because("tunnel.enabled is not false"));
    }
}
