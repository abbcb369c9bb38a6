package io.culvert.tunnel.cli.check;

import io.culvert.tunnel.cli.shell.ExitCode;
import io.culvert.tunnel.cli.terminal.Amount;
import io.culvert.tunnel.cli.terminal.Printable;
import io.culvert.tunnel.cli.terminal.Style;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** What was found so far, what it comes to, and how it is told. */
final class Checklist {
    private static final String STREAM = "stream ";

    private final List<Finding> findings = new ArrayList<>();
    private final boolean allTransports;

    /** A list; {@code allTransports} if every transport has to work, not just one. */
    Checklist(boolean allTransports) {
        this.allTransports = allTransports;
    }

    void add(Finding finding) {
        findings.add(finding);
    }

    /** One finding as lines for a person. */
    static List<String> lines(Finding finding, Style style) {
        String mark =
                switch (finding.verdict()) {
                    case OK -> style.good("ok     ");
                    case DOUBTFUL -> style.doubtful("look   ");
                    case FAILED -> style.bad("FAILED ");
                    case SKIPPED -> style.faint("-      ");
                };
        String time = finding.time().map(t -> " " + Amount.time(t)).orElse("");
        List<String> lines = new ArrayList<>();
        lines.add("  " + mark + String.format("%-15s", finding.step()) + Printable.of(finding.what()) + time);
        finding.advice()
                .filter(advice -> !advice.isEmpty())
                .ifPresent(advice -> lines.add(" ".repeat(24) + Printable.of(advice)));
        return lines;
    }

    /** What the process should tell its caller. */
    int exitCode() {
        boolean oneWorks = !allTransports && streams().anyMatch(finding -> finding.verdict() == Verdict.OK);
        return findings.stream()
                .filter(Finding::isFailed)
                .filter(finding -> !oneWorks || !isStream(finding))
                .mapToInt(Finding::exitCode)
                .findFirst()
                .orElse(ExitCode.OK);
    }

    /** The last line for a person. */
    String summary(Style style) {
        List<String> working = working();
        if (exitCode() != ExitCode.OK) {
            return style.bad("It does not work yet") + ": see what FAILED above.";
        }
        if (working.isEmpty()) {
            return style.doubtful("The relay lets the agent in") + ", but no more was tried: see above.";
        }
        boolean all = working.size() == streams().count();
        if (!all) {
            return style.doubtful("It works, but only by " + String.join(", ", working)) + ".";
        }
        boolean doubtful = findings.stream().anyMatch(finding -> finding.verdict() == Verdict.DOUBTFUL);
        return doubtful
                ? style.doubtful("It works from here") + "; visitors may not find it: see above."
                : style.good("All is well") + "; expose will use " + working.get(0) + ".";
    }

    /** All of it for a program. */
    Map<String, Object> json(String relay) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("ok", exitCode() == ExitCode.OK);
        object.put("exit_code", exitCode());
        object.put("relay", relay);
        findings.stream()
                .filter(finding -> finding.step().equals("relay"))
                .flatMap(finding -> finding.time().stream())
                .findFirst()
                .ifPresent(time -> object.put("round_trip_ms", millis(time.toNanos())));
        object.put("transports", working());
        object.put("steps", findings.stream().map(Checklist::json).toList());
        return object;
    }

    private static Map<String, Object> json(Finding finding) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("step", finding.step());
        object.put("verdict", finding.verdict().name().toLowerCase(Locale.ROOT));
        object.put("what", finding.what());
        finding.advice().ifPresent(advice -> object.put("advice", advice));
        finding.time().ifPresent(time -> object.put("ms", millis(time.toNanos())));
        return object;
    }

    private static double millis(long nanos) {
        return Math.round(nanos / 1e4) / 100.0;
    }

    private List<String> working() {
        return streams()
                .filter(finding -> finding.verdict() == Verdict.OK)
                .map(finding -> finding.step().substring(STREAM.length()))
                .toList();
    }

    private Stream<Finding> streams() {
        return findings.stream().filter(Checklist::isStream);
    }

    private static boolean isStream(Finding finding) {
        return finding.step().startsWith(STREAM);
    }
}
