/** What {@code expose} shows of its tunnels while they stand: a picture, the screen it is drawn on, and what goes into it. */
package io.culvert.tunnel.cli.status;
