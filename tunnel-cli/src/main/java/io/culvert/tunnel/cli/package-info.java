/** The program: finds the command that is asked for. Not a library; nothing here or below is API. */
package io.culvert.tunnel.cli;
