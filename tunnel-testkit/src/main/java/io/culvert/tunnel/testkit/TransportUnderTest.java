package io.culvert.tunnel.testkit;

import io.culvert.tunnel.TunnelError;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * What the contract needs to know of a transport. A test class implements {@link TransportContract} and {@link #newPair}. Nothing else runs
 * beside it where tests run in parallel, as it checks that no thread of the process is left.
 */
@Isolated
@ExtendWith(TransportPairExtension.class)
public interface TransportUnderTest {
    /** A new pair for one test, which closes it and checks that nothing is left. */
    TransportPair newPair() throws Exception;

    /** Whether open streams outlive the control channel. */
    default boolean streamsSurviveControlLoss() {
        return true;
    }

    /** Whether the peer of a reset learns its error; else it sees {@link TunnelError#RESET}. */
    default boolean resetsCarryTheirError() {
        return true;
    }

    /** The most bytes that a stream takes while its reader reads nothing: its own buffers and those of what is below it. */
    default long maxBytesUnread() {
        return 32L * 1024 * 1024;
    }
}
