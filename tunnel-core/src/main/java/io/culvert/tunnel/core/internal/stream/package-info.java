/** What data streams of every kind have in common. Internal to the core. */
@NullMarked
package io.culvert.tunnel.core.internal.stream;

import org.jspecify.annotations.NullMarked;
