package io.culvert.tunnel.spring;

import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelSpec;

/** A bean that sets what no property does. Called after the properties, in the order of the beans, before the application is exposed. */
public interface TunnelCustomizer {
    /** Changes the agent. */
    default void customize(TunnelAgent.Builder agent) {}

    /** Changes the tunnel. */
    default void customize(TunnelSpec.Builder tunnel) {}
}
