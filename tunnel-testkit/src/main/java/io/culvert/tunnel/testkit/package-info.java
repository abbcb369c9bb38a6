/** Tools for tests: for applications that use a tunnel and for authors of transports. */
@NullMarked
package io.culvert.tunnel.testkit;

import org.jspecify.annotations.NullMarked;
