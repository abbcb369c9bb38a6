/**
 * Many data streams on one control channel, with credit for each. For {@code transport-jetty}, which offers it as the transport
 * {@code control}, and for tests.
 */
@NullMarked
package io.culvert.tunnel.core.mux;

import org.jspecify.annotations.NullMarked;
