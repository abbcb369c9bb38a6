/** The relay's admin port: who may see it, its health and its pages. Internal to this module. */
@NullMarked
package io.culvert.tunnel.jetty.internal.admin;

import org.jspecify.annotations.NullMarked;
