package io.culvert.tunnel.testkit;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives each test of the contract a pair of its own as a parameter, and closes it afterwards. */
public final class TransportPairExtension implements ParameterResolver, AfterEachCallback {
    private static final ExtensionContext.Namespace STORE =
            ExtensionContext.Namespace.create(TransportPairExtension.class);

    /** For JUnit. */
    public TransportPairExtension() {}

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == TransportPair.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        TransportUnderTest test = (TransportUnderTest) context.getRequiredTestInstance();
        try {
            TransportPair pair = test.newPair();
            context.getStore(STORE).put(context.getUniqueId(), pair);
            return pair;
        } catch (Exception e) {
            throw new ParameterResolutionException("The pair of transports could not be made.", e);
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        TransportPair pair = context.getStore(STORE).remove(context.getUniqueId(), TransportPair.class);
        if (pair != null) {
            pair.close();
        }
    }
}
