package io.culvert.tunnel.core.internal;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.spi.ControlChannel;
import io.culvert.tunnel.spi.StreamException;

/**
 * A transport's way to the control channel, shut while the session does not stand: so that nothing of streams gets between
 * {@code Register} and {@code Registered}.
 */
public final class GatedChannel implements ControlChannel {
    private final ControlChannel channel;
    private volatile boolean open;

    /** Shut at first. */
    public GatedChannel(ControlChannel channel) {
        this.channel = channel;
    }

    /** The session stands. */
    public void open() {
        open = true;
    }

    /** The session does not stand, for now or for good. */
    public void shut() {
        open = false;
    }

    @Override
    public void send(TunnelMessage message) {
        if (open) {
            channel.send(message);
        }
    }

    @Override
    public void requestTurn(Turn turn) {
        if (open) {
            channel.requestTurn(turn);
        } else {
            turn.sent(new StreamException(TunnelError.LINK_LOST, "The control channel is down."));
        }
    }
}
