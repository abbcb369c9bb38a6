package io.culvert.tunnel.cli.demo;

import java.time.Duration;

/**
 * What came of one thing that the visitor did.
 *
 * @param what the thing
 * @param passed whether all was as it should be
 * @param up bytes of content that the visitor sent
 * @param down bytes of content that the visitor got
 * @param time how long it took
 * @param note what was verified, or what was wrong
 */
record Outcome(String what, boolean passed, long up, long down, Duration time, String note) {}
