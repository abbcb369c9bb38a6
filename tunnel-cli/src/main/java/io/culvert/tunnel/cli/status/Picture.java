package io.culvert.tunnel.cli.status;

import io.culvert.tunnel.TunnelState;
import io.culvert.tunnel.TunnelStats;
import java.time.Duration;
import java.time.LocalTime;
import java.util.List;
import java.util.Optional;

/**
 * Everything that the live status shows at one moment.
 *
 * @param relay the relay's address
 * @param age how long the command runs
 * @param inspector the page that shows what passes, if there is one
 * @param tunnels the tunnels, in the order in which they were asked for; none as long as the relay has not answered
 * @param requests the last requests, the newest last
 * @param events what else happened, the newest last
 * @param qr the lines of a QR code, perhaps none
 */
public record Picture(
        String relay,
        Duration age,
        Optional<String> inspector,
        List<Row> tunnels,
        List<Request> requests,
        List<Event> events,
        List<String> qr) {
    /**
     * One tunnel.
     *
     * @param url its public URL
     * @param service the local service
     * @param roundTrip how long the relay takes to answer a ping
     * @param upPerSecond bytes toward the service, over the last seconds
     * @param downPerSecond bytes toward visitors, over the last seconds
     */
    public record Row(
            TunnelState state,
            String url,
            String service,
            String transport,
            Optional<Duration> roundTrip,
            TunnelStats stats,
            double upPerSecond,
            double downPerSecond) {}

    /**
     * One request.
     *
     * @param time the clock's when it began
     * @param status the answer's; 0 as long as there is none
     * @param line method and target
     * @param took until its end, or until the answer's head where it is not over
     * @param size bytes of the answer's body so far
     * @param messages WebSocket messages so far
     * @param over whether it is over
     * @param problem what broke it off, if anything did
     */
    public record Request(
            LocalTime time,
            int status,
            String line,
            Optional<Duration> took,
            long size,
            long messages,
            boolean over,
            Optional<String> problem) {}

    /** How an event is to be taken. */
    public enum Tone {
        GOOD,
        NEUTRAL,
        DOUBTFUL,
        BAD
    }

    /**
     * Something that happened.
     *
     * @param time the clock's, of the last time it happened
     * @param mark a word that stands for it, such as a status code
     * @param text the rest
     * @param times how often it happened in a row
     */
    public record Event(LocalTime time, Tone tone, String mark, String text, int times) {}
}
