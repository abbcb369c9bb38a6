/** The {@code tcp} transport: the agent dials one dedicated connection for every data stream. */
@NullMarked
package io.culvert.tunnel.tcp;

import org.jspecify.annotations.NullMarked;
