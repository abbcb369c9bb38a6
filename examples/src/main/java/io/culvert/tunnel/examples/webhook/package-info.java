/** A webhook's two ends, as applications write them: the receiver that checks a signature and the sender that retries. */
@NullMarked
package io.culvert.tunnel.examples.webhook;

import org.jspecify.annotations.NullMarked;
