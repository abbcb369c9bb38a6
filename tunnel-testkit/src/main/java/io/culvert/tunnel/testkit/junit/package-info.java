/**
 * Tunnels for JUnit tests, by annotation ({@link TunnelTest}) or by builder ({@link TunnelExtension}). For tests of applications; the only
 * package here that needs JUnit Jupiter beside the contract for transports.
 */
@NullMarked
package io.culvert.tunnel.testkit.junit;

import org.jspecify.annotations.NullMarked;
