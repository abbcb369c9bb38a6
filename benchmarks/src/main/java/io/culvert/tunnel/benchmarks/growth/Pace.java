package io.culvert.tunnel.benchmarks.growth;

/** How much time the curves take. */
public enum Pace {
    /** To see that everything runs: one small point of each curve, in seconds. */
    QUICK(1, 0, 20, 60),
    /** The results page: three minutes for a transport. */
    STANDARD(3, 5000, 400, 1200),
    /** Ten minutes for a transport. */
    THOROUGH(5, 10_000, 1000, 3000);

    /** How often every point is measured, in turns. */
    final int rounds;

    /** How long each kind of work goes on before anything is measured; relay and agent are cold before. */
    final int warmUpMillis;

    /** How long a point's own visitors work before they are measured. */
    final int settleMillis;

    final int measureMillis;

    Pace(int rounds, int warmUpMillis, int settleMillis, int measureMillis) {
        this.rounds = rounds;
        this.warmUpMillis = warmUpMillis;
        this.settleMillis = settleMillis;
        this.measureMillis = measureMillis;
    }
}
