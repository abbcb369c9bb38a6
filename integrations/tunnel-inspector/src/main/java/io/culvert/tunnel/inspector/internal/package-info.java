/** What the inspector's page is made of. Internal. */
@NullMarked
package io.culvert.tunnel.inspector.internal;

import org.jspecify.annotations.NullMarked;
