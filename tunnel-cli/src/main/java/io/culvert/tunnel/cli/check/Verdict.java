package io.culvert.tunnel.cli.check;

/** What came of one step. */
enum Verdict {
    /** As it should be. */
    OK,
    /** It works, but someone should look at it. */
    DOUBTFUL,
    /** It does not work. */
    FAILED,
    /** Not tried, as something before it does not work. */
    SKIPPED
}
