/** The {@code expose} command. For the command line only. */
package io.culvert.tunnel.cli.expose;
