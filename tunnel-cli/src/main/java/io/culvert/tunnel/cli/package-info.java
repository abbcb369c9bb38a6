/** The command line: {@code relay}, {@code expose} and {@code demo}. A program, not a library; nothing here is API. */
package io.culvert.tunnel.cli;
