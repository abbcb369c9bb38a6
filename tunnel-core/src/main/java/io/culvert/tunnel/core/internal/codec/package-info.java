/** The JSON form of the control channel's messages. Internal to the core; the testkit sends its messages through it. */
@NullMarked
package io.culvert.tunnel.core.internal.codec;

import org.jspecify.annotations.NullMarked;
