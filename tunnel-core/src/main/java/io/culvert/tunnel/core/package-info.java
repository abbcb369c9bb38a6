/** Entry points: both roles on top of a network stack. For modules of this project that bring one. */
@NullMarked
package io.culvert.tunnel.core;

import org.jspecify.annotations.NullMarked;
