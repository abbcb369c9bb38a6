package io.culvert.tunnel.core.internal.events;

import io.culvert.tunnel.StreamInfo;
import io.culvert.tunnel.TunnelError;
import java.util.Locale;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A data stream that could not be opened. */
@Name("culvert.StreamFailed")
@Label("Data Stream Failed")
@Description("A data stream that could not be opened")
@Category("Culvert")
@StackTrace(false)
public final class StreamFailedEvent extends Event {
    @Label("Role")
    String role = "";

    @Label("Tunnel")
    String tunnel = "";

    @Label("Transport")
    String transport = "";

    @Label("Kind")
    String kind = "";

    @Label("Error")
    String error = "";

    /** Records it, if anyone does. */
    public static void record(StreamInfo info, TunnelError why) {
        StreamFailedEvent event = new StreamFailedEvent();
        if (event.isEnabled()) {
            event.role = info.role().name().toLowerCase(Locale.ROOT);
            event.tunnel = info.tunnel();
            event.transport = info.transport();
            event.kind = info.kind().name().toLowerCase(Locale.ROOT);
            event.error = why.code();
            event.commit();
        }
    }
}
