package io.culvert.tunnel.cli;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelListener;
import io.culvert.tunnel.TunnelState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a person where a tunnel stands. */
final class StateLog implements TunnelListener {
    private static final Logger LOG = LoggerFactory.getLogger(StateLog.class);

    private final String relay;

    StateLog(String relay) {
        this.relay = relay;
    }

    @Override
    public void onState(Tunnel tunnel, TunnelState state, TunnelException cause) {
        String why = cause == null
                ? ""
                : ": " + cause.getMessage() + " (" + cause.error().code() + ")";
        switch (state) {
            case CONNECTING -> LOG.info("Connecting to {}{}", relay, why);
            case OPEN -> LOG.info("Open: {} by transport {}", tunnel.publicUrl(), tunnel.transport());
            case DRAINING -> LOG.info("Draining: no new connections, open ones may finish{}", why);
            case CLOSED -> LOG.info("Closed{}", why);
        }
    }
}
