/**
 * What passed through an agent's tunnels, made readable: for inspectors, recorders and tests. Off unless {@link Capture} is given to an
 * agent.
 */
@NullMarked
package io.culvert.tunnel.capture;

import org.jspecify.annotations.NullMarked;
