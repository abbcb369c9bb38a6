/** The {@code demo} command: a small application to expose, and a visitor that uses it through tunnels. For the command line only. */
package io.culvert.tunnel.cli.demo;
