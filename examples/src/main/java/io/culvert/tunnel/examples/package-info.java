/** Runnable uses of Culvert, to read and to copy from. */
@NullMarked
package io.culvert.tunnel.examples;

import org.jspecify.annotations.NullMarked;
