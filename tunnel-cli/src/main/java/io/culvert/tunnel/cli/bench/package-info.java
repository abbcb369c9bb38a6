/** The {@code bench} command: compares transports through a relay. For the command line only. */
package io.culvert.tunnel.cli.bench;
