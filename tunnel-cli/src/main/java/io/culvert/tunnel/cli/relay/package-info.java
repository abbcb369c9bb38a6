/** The {@code relay} command. For the command line only. */
package io.culvert.tunnel.cli.relay;
