/** What standard output is, and how text looks there. For all commands. */
package io.culvert.tunnel.cli.terminal;
