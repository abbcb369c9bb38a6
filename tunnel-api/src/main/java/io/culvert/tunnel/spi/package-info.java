/**
 * What a transport author implements and is given. Applications that only expose ports never need it.
 */
@NullMarked
package io.culvert.tunnel.spi;

import org.jspecify.annotations.NullMarked;
