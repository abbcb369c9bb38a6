/** What a relay lets in, and how often: buckets, and the protection of tunnels. For this module only. */
@NullMarked
package io.culvert.tunnel.core.internal.guard;

import org.jspecify.annotations.NullMarked;
