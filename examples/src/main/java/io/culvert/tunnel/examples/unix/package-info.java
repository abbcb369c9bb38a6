/**
 * A transport of one's own: a Unix domain socket for every data stream, for a relay and agents on one machine. It uses the
 * transport SPI and the JDK only, and shows what an author of a transport has to write.
 */
@NullMarked
package io.culvert.tunnel.examples.unix;

import org.jspecify.annotations.NullMarked;
