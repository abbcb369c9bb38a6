/** Options that several commands share, and what they name. For all commands. */
package io.culvert.tunnel.cli.options;
