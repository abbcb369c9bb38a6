/** The relay's public side: listeners, routing, the control channel's door, error pages. For this module only. */
@NullMarked
package io.culvert.tunnel.jetty.internal.edge;

import org.jspecify.annotations.NullMarked;
