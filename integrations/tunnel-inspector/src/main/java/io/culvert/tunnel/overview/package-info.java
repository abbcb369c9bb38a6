/** For who runs a relay: a page on its admin port that shows what goes on. */
@NullMarked
package io.culvert.tunnel.overview;

import org.jspecify.annotations.NullMarked;
