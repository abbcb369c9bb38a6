/** What passed through an agent's tunnels in a test: waiting for it, looking at it, sending it again. Needs no JUnit. */
@NullMarked
package io.culvert.tunnel.testkit.recording;

import org.jspecify.annotations.NullMarked;
