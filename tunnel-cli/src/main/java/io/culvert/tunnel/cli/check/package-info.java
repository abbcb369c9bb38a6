/** The {@code check} command: looks at each part of the way to a relay. For the command line only. */
package io.culvert.tunnel.cli.check;
