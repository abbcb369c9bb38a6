/** What Jetty's connections need on top to carry a tunnel: resets that stay resets, pumps, adapters. For this module only. */
@NullMarked
package io.culvert.tunnel.jetty.internal.io;

import org.jspecify.annotations.NullMarked;
