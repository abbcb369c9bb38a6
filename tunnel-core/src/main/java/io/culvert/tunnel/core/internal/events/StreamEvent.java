package io.culvert.tunnel.core.internal.events;

import io.culvert.tunnel.StreamInfo;
import java.util.Locale;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** A data stream, from its opening to its end. */
@Name("culvert.Stream")
@Label("Data Stream")
@Description("One data stream, from its opening to its end")
@Category("Culvert")
@StackTrace(false)
public final class StreamEvent extends Event {
    @Label("Role")
    String role = "";

    @Label("Tunnel")
    String tunnel = "";

    @Label("Transport")
    String transport = "";

    @Label("Kind")
    String kind = "";

    @Label("Stream")
    @Description("The same on both sides")
    String stream = "";

    @Label("Open Latency")
    @Description("From the wish for the stream until it stood")
    @Timespan
    long openLatency;

    @Label("Bytes Up")
    @DataAmount
    long bytesUp;

    @Label("Bytes Down")
    @DataAmount
    long bytesDown;

    @Label("Waited for Credit")
    @Description("How long this side had bytes to send and no credit for them; transports without credit have 0")
    @Timespan
    long creditWait;

    @Label("End")
    @Description("ended, or the code of the error that reset it")
    String end = "";

    /** An event that begins now; {@code null} while nobody records it. */
    public static @Nullable StreamEvent beginNow() {
        StreamEvent event = new StreamEvent();
        if (!event.isEnabled()) {
            return null;
        }
        event.begin();
        return event;
    }

    /** The stream is over. */
    public void over(
            String id, StreamInfo info, long openNanos, long up, long down, long creditWaitNanos, String howItEnded) {
        end();
        if (!shouldCommit()) {
            return;
        }
        role = info.role().name().toLowerCase(Locale.ROOT);
        tunnel = info.tunnel();
        transport = info.transport();
        kind = info.kind().name().toLowerCase(Locale.ROOT);
        stream = id;
        openLatency = openNanos;
        bytesUp = up;
        bytesDown = down;
        creditWait = creditWaitNanos;
        end = howItEnded;
        commit();
    }
}
