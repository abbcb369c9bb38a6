package io.culvert.tunnel.testkit.junit;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Execution;

/** A run of test classes inside a test. */
final class Run {
    private final EngineExecutionResults results;

    private Run(EngineExecutionResults results) {
        this.results = results;
    }

    static Run of(Class<?>... classes) {
        return with(Map.of(), classes);
    }

    /** With little patience for leaks, for those that leak anyway. */
    static Run impatient(Class<?> type) {
        return with(Map.of(Session.PATIENCE, "PT0.2S"), type);
    }

    /** As many classes and methods at once as there are. */
    static Run parallel(int threads, Class<?>... classes) {
        return with(
                Map.of(
                        "junit.jupiter.execution.parallel.enabled", "true",
                        "junit.jupiter.execution.parallel.mode.default", "concurrent",
                        "junit.jupiter.execution.parallel.config.strategy", "fixed",
                        "junit.jupiter.execution.parallel.config.fixed.parallelism", String.valueOf(threads)),
                classes);
    }

    private static Run with(Map<String, String> parameters, Class<?>... classes) {
        DiscoverySelector[] selectors =
                Stream.of(classes).map(type -> selectClass(type)).toArray(DiscoverySelector[]::new);
        return new Run(EngineTestKit.engine("junit-jupiter")
                .configurationParameters(parameters)
                .selectors(selectors)
                .execute());
    }

    /** How many tests succeeded. */
    long succeeded() {
        return results.testEvents().succeeded().count();
    }

    /** What failed, classes included: its name and the failure's message, in any order. */
    List<String> failures() {
        return results.allEvents().executions().stream()
                .filter(execution -> execution.getTerminationInfo().executed()
                        && execution.getTerminationInfo().getExecutionResult().getStatus()
                                == TestExecutionResult.Status.FAILED)
                .map(Run::describe)
                .toList();
    }

    /** The only failure. */
    String failure() {
        List<String> failures = failures();
        if (failures.size() != 1) {
            throw new AssertionError("There is not one failure: " + failures);
        }
        return failures.get(0);
    }

    private static String describe(Execution execution) {
        TestDescriptor test = execution.getTestDescriptor();
        return test.getDisplayName() + ": "
                + execution
                        .getTerminationInfo()
                        .getExecutionResult()
                        .getThrowable()
                        .map(Throwable::getMessage)
                        .orElse("");
    }
}
