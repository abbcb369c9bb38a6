/** Both halves of the {@code tcp} transport. For this module only. */
@NullMarked
package io.culvert.tunnel.tcp.internal;

import org.jspecify.annotations.NullMarked;
