package io.culvert.tunnel.cli.status;

import io.culvert.tunnel.TunnelState;
import io.culvert.tunnel.TunnelStats;
import io.culvert.tunnel.cli.terminal.Amount;
import io.culvert.tunnel.cli.terminal.Printable;
import io.culvert.tunnel.cli.terminal.Size;
import io.culvert.tunnel.cli.terminal.Style;
import java.time.Duration;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;

/** Turns a picture into the lines of a screen. A pure function of picture, size and style. */
public final class Renderer {
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
    private static final int LABEL = 12;
    private static final int LINES_OF_A_TUNNEL = 5;
    private static final int MARK = 6;
    private static final int STATUS = 5;
    private static final int MAX_LINES = 4;
    private static final int MIN_EVENTS = 3;
    private static final int NARROWEST = 30;

    private final Style style;

    /** A renderer for one kind of terminal. */
    public Renderer(Style style) {
        this.style = style;
    }

    /** No more lines, and no longer ones, than fit. */
    public List<String> lines(Picture picture, Size size) {
        int columns = size.columns();
        List<String> lines = new ArrayList<>();
        lines.add(new Line(columns)
                .add("culvert", style::strong)
                .add("  " + picture.relay(), style::faint)
                .right("up " + clock(picture.age()) + "  " + hint(picture), style::faint)
                .toString());
        picture.inspector()
                .ifPresent(page -> lines.add(new Line(columns)
                        .cell(LABEL, "inspect at", style::faint)
                        .add(page)
                        .toString()));
        lines.add("");
        if (picture.tunnels().isEmpty()) {
            lines.add(new Line(columns)
                    .add("connecting", style::doubtful)
                    .add("  waiting for the relay")
                    .toString());
        }
        boolean roomy = picture.tunnels().size() * LINES_OF_A_TUNNEL <= size.rows() - 5;
        for (Picture.Row row : picture.tunnels()) {
            if (roomy) {
                block(lines, row, columns);
            } else {
                lines.add(oneLine(row, columns));
            }
        }
        qr(lines, picture.qr(), size);
        requestsAndEvents(lines, picture, size);
        return lines.size() > size.rows() ? lines.subList(0, size.rows()) : lines;
    }

    private static String hint(Picture picture) {
        boolean draining = picture.tunnels().stream().anyMatch(row -> row.state() == TunnelState.DRAINING);
        return draining ? "open connections finish; Ctrl-C cuts them" : "Ctrl-C ends";
    }

    private void block(List<String> lines, Picture.Row row, int columns) {
        TunnelStats stats = row.stats();
        lines.add(new Line(columns)
                .cell(LABEL, state(row), look(row.state()))
                .add(row.url(), style::strong)
                .add(" -> " + row.service())
                .toString());
        String roundTrip = row.roundTrip()
                .map(time -> ", round trip to the relay " + Amount.time(time))
                .orElse("");
        lines.add(new Line(columns)
                .cell(LABEL, "transport", style::faint)
                .add(row.transport() + roundTrip)
                .toString());
        Line streams = new Line(columns)
                .cell(LABEL, "streams", style::faint)
                .add(stats.openStreams() + " open, " + stats.totalStreams() + " in all");
        if (stats.failedStreams() > 0) {
            streams.add(", ").add(stats.failedStreams() + " failed", style::bad);
        }
        lines.add(streams.toString());
        lines.add(new Line(columns)
                .cell(LABEL, "bytes", style::faint)
                .add("up " + amount(up(stats), row.upPerSecond()) + "   down "
                        + amount(down(stats), row.downPerSecond()))
                .toString());
        lines.add("");
    }

    /** What is left to say when a tunnel is over. */
    public static String farewell(Picture.Row row) {
        TunnelStats stats = row.stats();
        return row.url() + "  " + stats.totalStreams() + " streams, up " + Amount.bytes(up(stats)) + ", down "
                + Amount.bytes(down(stats));
    }

    private String oneLine(Picture.Row row, int columns) {
        TunnelStats stats = row.stats();
        return new Line(columns)
                .cell(LABEL, state(row), look(row.state()))
                .add(row.url(), style::strong)
                .add(" -> " + row.service())
                .add("  " + stats.openStreams() + "/" + stats.totalStreams() + " streams  up " + Amount.bytes(up(stats))
                        + " down " + Amount.bytes(down(stats)))
                .toString();
    }

    private void qr(List<String> lines, List<String> qr, Size size) {
        if (qr.isEmpty()) {
            return;
        }
        int width = qr.get(0).length();
        if (lines.size() + qr.size() <= size.rows() && width <= size.columns()) {
            qr.forEach(line -> lines.add(style.qr(line)));
        } else {
            lines.add(new Line(size.columns())
                    .add(
                            "The QR code needs a terminal of " + width + "x" + (lines.size() + qr.size()) + ".",
                            style::doubtful)
                    .toString());
        }
    }

    /** Both with the newest first. Requests have all the room that events leave, which have a third of it if there are requests. */
    private void requestsAndEvents(List<String> lines, Picture picture, Size size) {
        int room = size.rows() - lines.size();
        int forEvents = picture.requests().isEmpty() ? room : Math.max(MIN_EVENTS, room / 3);
        List<String> eventLines = new ArrayList<>();
        List<Picture.Event> events = picture.events();
        for (int i = events.size() - 1; i >= 0 && eventLines.size() < forEvents; i--) {
            event(eventLines, events.get(i), size.columns());
        }
        List<String> fitting = eventLines.subList(0, Math.max(0, Math.min(forEvents, eventLines.size())));
        List<Picture.Request> requests = picture.requests();
        int forRequests = room - fitting.size() - 1;
        int first = Math.max(0, requests.size() - Math.max(0, forRequests));
        for (int i = requests.size() - 1; i >= first; i--) {
            lines.add(request(requests.get(i), size.columns()));
        }
        if (first < requests.size()) {
            lines.add("");
        }
        lines.addAll(fitting);
    }

    private String request(Picture.Request request, int columns) {
        StringBuilder facts =
                new StringBuilder(request.problem().isPresent() ? "  broken off" : request.over() ? "" : "  open");
        request.took().ifPresent(took -> facts.append("  ").append(Amount.time(took)));
        if (request.messages() > 0) {
            facts.append("  ").append(request.messages()).append(" messages");
        } else if (request.status() != 0) {
            facts.append("  ").append(Amount.bytes(request.size()));
        }
        int room = columns - LABEL - STATUS - facts.length();
        return new Line(columns)
                .cell(LABEL, CLOCK.format(request.time()), style::faint)
                .cell(STATUS, request.status() == 0 ? "..." : String.valueOf(request.status()), look(tone(request)))
                .add(Printable.fit(request.line(), Math.max(NARROWEST / 2, room)))
                .add(facts.toString(), request.problem().isPresent() ? style::bad : style::faint)
                .toString();
    }

    private static Picture.Tone tone(Picture.Request request) {
        if (request.status() >= 500) {
            return Picture.Tone.BAD;
        }
        if (request.status() >= 400) {
            return Picture.Tone.DOUBTFUL;
        }
        return request.status() >= 200 && request.status() < 300 || request.status() == 101
                ? Picture.Tone.GOOD
                : Picture.Tone.NEUTRAL;
    }

    /** A long text goes on below where it began. */
    private void event(List<String> lines, Picture.Event event, int columns) {
        Line line = new Line(columns)
                .cell(LABEL, CLOCK.format(event.time()), style::faint)
                .cell(MARK, event.mark(), look(event.tone()))
                .add(" ");
        String text = event.text() + (event.times() > 1 ? "  x" + event.times() : "");
        int room = columns - LABEL - MARK - 1;
        for (int more = 1; room >= NARROWEST && text.length() > room && more < MAX_LINES; more++) {
            int blank = text.lastIndexOf(' ', room);
            int end = blank > 0 ? blank : room;
            lines.add(line.add(text.substring(0, end)).toString());
            text = text.substring(end).stripLeading();
            line = new Line(columns).add(" ".repeat(columns - room));
        }
        lines.add(line.add(text).toString());
    }

    private UnaryOperator<String> look(Picture.Tone tone) {
        return switch (tone) {
            case GOOD -> style::good;
            case NEUTRAL -> style::neutral;
            case DOUBTFUL -> style::doubtful;
            case BAD -> style::bad;
        };
    }

    private UnaryOperator<String> look(TunnelState state) {
        return switch (state) {
            case OPEN -> style::good;
            case CONNECTING, DRAINING -> style::doubtful;
            case CLOSED -> style::bad;
        };
    }

    private static String state(Picture.Row row) {
        return row.state().name().toLowerCase(Locale.ROOT);
    }

    private static String amount(long bytes, double perSecond) {
        return Amount.bytes(bytes) + " (" + Amount.bytes(perSecond) + "/s)";
    }

    private static long up(TunnelStats stats) {
        return stats.httpBytesUp() + stats.upgradeBytesUp();
    }

    private static long down(TunnelStats stats) {
        return stats.httpBytesDown() + stats.upgradeBytesDown();
    }

    private static String clock(Duration age) {
        return String.format(Locale.ROOT, "%d:%02d:%02d", age.toHours(), age.toMinutesPart(), age.toSecondsPart());
    }
}
