/** Ties the roles to Jetty. Nobody uses it but the service loader. */
@NullMarked
package io.culvert.tunnel.jetty.internal;

import org.jspecify.annotations.NullMarked;
