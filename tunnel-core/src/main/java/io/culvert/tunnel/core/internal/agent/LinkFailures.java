package io.culvert.tunnel.core.internal.agent;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.core.internal.LogText;
import io.culvert.tunnel.core.internal.Wire;
import io.culvert.tunnel.message.TunnelMessage.Refused;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What can go wrong between an agent and its relay, in words that a person can act on.
 *
 * @param relay the relay's address
 */
record LinkFailures(URI relay) {
    TunnelException silent(Duration waited) {
        String what = "The relay at " + relay + " did not answer within " + waited.toSeconds() + " s.";
        return new TunnelException(TunnelError.RELAY_UNREACHABLE, what);
    }

    TunnelException refused(Refused refused) {
        String what = "The relay at " + relay + " refused: " + LogText.clean(refused.message());
        return new TunnelException(TunnelError.ofCode(refused.code()), what);
    }

    TunnelException closedEarly(Wire.Closed closed) {
        String what =
                "The relay at " + relay + " closed the control channel (" + closed.code() + "): " + closed.reason();
        return new TunnelException(TunnelError.RELAY_UNREACHABLE, what);
    }

    TunnelException lost(Wire.Closed closed) {
        String what =
                "The relay at " + relay + " is not connected any more (" + closed.code() + "): " + closed.reason();
        return new TunnelException(TunnelError.LINK_LOST, what);
    }

    TunnelException noTunnel(TunnelSpec spec, Duration waited, @Nullable TunnelException last) {
        String what = "No tunnel to " + spec + " within " + waited.toMillis() + " ms from the relay at " + relay + ". "
                + (last == null ? "It did not answer." : last.getMessage())
                + " Check the relay's address and the network.";
        return new TunnelException(TunnelError.RELAY_UNREACHABLE, what, last);
    }
}
