package io.culvert.tunnel.core.internal.events;

import io.culvert.tunnel.TunnelError;
import java.net.URI;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** An agent without its control channel, from the loss to the return. */
@Name("culvert.Reconnect")
@Label("Reconnect")
@Description("An agent without its control channel, from the loss until it is back or gives up")
@Category("Culvert")
@StackTrace(false)
public final class ReconnectEvent extends Event {
    @Label("Relay")
    String relay = "";

    @Label("Reason")
    String reason = "";

    @Label("Details")
    String details = "";

    @Label("Attempts")
    int attempts;

    @Label("Back")
    @Description("Whether the control channel stands again")
    boolean back;

    /** An event that begins now; {@code null} while nobody records it. */
    public static @Nullable ReconnectEvent beginNow(URI lost, TunnelError why, String sentence) {
        ReconnectEvent event = new ReconnectEvent();
        if (!event.isEnabled()) {
            return null;
        }
        event.begin();
        event.relay = lost.toString();
        event.reason = why.code();
        event.details = sentence;
        return event;
    }

    /** The agent dials again. */
    public void attempt() {
        attempts++;
    }

    /** The control channel stands again, or there will be none. */
    public void over(boolean stands) {
        back = stands;
        commit();
    }
}
