/** HTTP/1.1 from a visitor to a local service and back, through a tunnel's streams. For this module only. */
@NullMarked
package io.culvert.tunnel.jetty.internal.proxy;

import org.jspecify.annotations.NullMarked;
