/** The relay's logic: sessions, the registry of tunnels, and how the edge reaches them. Internal to the core. */
@NullMarked
package io.culvert.tunnel.core.internal.relay;

import org.jspecify.annotations.NullMarked;
