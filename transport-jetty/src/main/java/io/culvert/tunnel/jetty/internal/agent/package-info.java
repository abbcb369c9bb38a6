/** The agent's network on Jetty's client: control channel, local service, data connections. For this module only. */
@NullMarked
package io.culvert.tunnel.jetty.internal.agent;

import org.jspecify.annotations.NullMarked;
