/** The inspector: a page on loopback that shows what passes through an agent's tunnels. For applications. */
@NullMarked
package io.culvert.tunnel.inspector;

import org.jspecify.annotations.NullMarked;
