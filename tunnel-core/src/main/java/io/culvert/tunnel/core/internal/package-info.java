/** What both roles share. Internal to the core. */
@NullMarked
package io.culvert.tunnel.core.internal;

import org.jspecify.annotations.NullMarked;
