/** The configuration file of {@code expose}: read, checked, and its mistakes told by line and key. For the command line only. */
package io.culvert.tunnel.cli.config;
