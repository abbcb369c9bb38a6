/**
 * How rate, latency and processor time grow with connections, sizes and tunnels: relay and agent as processes of their own, their
 * visitors and the local service in a third, without a thread for each connection.
 */
package io.culvert.tunnel.benchmarks.growth;
