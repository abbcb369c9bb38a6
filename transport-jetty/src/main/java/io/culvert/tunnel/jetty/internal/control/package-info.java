/** The transport {@code control}. Found by {@link java.util.ServiceLoader} only. */
@NullMarked
package io.culvert.tunnel.jetty.internal.control;

import org.jspecify.annotations.NullMarked;
