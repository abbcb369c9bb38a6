/** The sending side of a control channel. Internal to the core; the testkit builds its channels with it. */
@NullMarked
package io.culvert.tunnel.core.internal.channel;

import org.jspecify.annotations.NullMarked;
