/** Throw-away tunnels: a service, an agent and a visitor of one's own, to see what passes. For {@code check} and {@code bench}. */
package io.culvert.tunnel.cli.probe;
