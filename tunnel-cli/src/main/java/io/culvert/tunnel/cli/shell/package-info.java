/** What a command has of the process it runs in: streams, environment, signals, exit codes. For all commands. */
package io.culvert.tunnel.cli.shell;
