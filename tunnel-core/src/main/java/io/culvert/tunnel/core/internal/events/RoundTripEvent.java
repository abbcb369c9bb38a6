package io.culvert.tunnel.core.internal.events;

import io.culvert.tunnel.Role;
import java.time.Duration;
import java.util.Locale;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A ping that was answered. */
@Name("culvert.RoundTrip")
@Label("Round Trip")
@Description("A ping on a control channel that was answered")
@Category("Culvert")
@StackTrace(false)
public final class RoundTripEvent extends Event {
    @Label("Role")
    String role = "";

    @Label("Peer")
    @Description("The relay's address at an agent, the session's id at a relay")
    String peer = "";

    @Label("Time")
    @Timespan
    long time;

    /** Records it, if anyone does. */
    public static void record(Role by, String of, Duration took) {
        RoundTripEvent event = new RoundTripEvent();
        if (event.isEnabled()) {
            event.role = by.name().toLowerCase(Locale.ROOT);
            event.peer = of;
            event.time = took.toNanos();
            event.commit();
        }
    }
}
