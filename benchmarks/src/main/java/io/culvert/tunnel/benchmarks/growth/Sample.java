package io.culvert.tunnel.benchmarks.growth;

/**
 * One measurement, or the medians of several.
 *
 * @param curve what grows
 * @param at how far
 * @param way over which transport
 * @param rate units of work a second
 * @param median the half of round trips, in microseconds; 0 where none is waited for
 * @param p99 99 % of them
 * @param cpu processor time of relay and agent for a unit of work, in microseconds; 0 where there are none
 */
record Sample(Curve curve, int at, String way, double rate, double median, double p99, double cpu) {}
