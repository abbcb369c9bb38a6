/** The agent's logic: the link to the relay and the tunnels on it. Internal to the core. */
@NullMarked
package io.culvert.tunnel.core.internal.agent;

import org.jspecify.annotations.NullMarked;
