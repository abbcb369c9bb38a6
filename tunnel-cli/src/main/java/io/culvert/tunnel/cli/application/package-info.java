/** A web application on loopback, for commands that need a local service of their own. For the command line only. */
package io.culvert.tunnel.cli.application;
