/**
 * The facade that applications use: expose a local port through a relay ({@link io.culvert.tunnel.TunnelAgent}) or
 * host a relay ({@link io.culvert.tunnel.TunnelRelay}).
 */
@NullMarked
package io.culvert.tunnel;

import org.jspecify.annotations.NullMarked;
