package io.culvert.tunnel.cli.check;

import io.culvert.tunnel.cli.shell.ExitCode;
import java.time.Duration;
import java.util.Optional;

/**
 * What one step found.
 *
 * @param step the step's name
 * @param verdict how it is
 * @param what what was found, or what is wrong
 * @param advice what to do about it
 * @param time how long the thing took that the step is about
 * @param exitCode what the process should tell its caller if it {@link Verdict#FAILED}
 */
record Finding(
        String step, Verdict verdict, String what, Optional<String> advice, Optional<Duration> time, int exitCode) {
    static Finding ok(String step, String what) {
        return new Finding(step, Verdict.OK, what, Optional.empty(), Optional.empty(), ExitCode.OK);
    }

    static Finding ok(String step, String what, Duration time) {
        return new Finding(step, Verdict.OK, what, Optional.empty(), Optional.of(time), ExitCode.OK);
    }

    static Finding doubtful(String step, String what, String advice) {
        return new Finding(step, Verdict.DOUBTFUL, what, Optional.of(advice), Optional.empty(), ExitCode.OK);
    }

    static Finding failed(String step, String what, String advice) {
        return failed(step, what, advice, ExitCode.FAILED);
    }

    static Finding failed(String step, String what, String advice, int exitCode) {
        return new Finding(step, Verdict.FAILED, what, Optional.of(advice), Optional.empty(), exitCode);
    }

    static Finding skipped(String step) {
        return new Finding(step, Verdict.SKIPPED, "not tried", Optional.empty(), Optional.empty(), ExitCode.OK);
    }

    boolean isFailed() {
        return verdict == Verdict.FAILED;
    }
}
