package io.culvert.tunnel;

/**
 * A snapshot of what went through a tunnel since it was exposed, as this side counted it.
 *
 * @param openStreams data streams open now
 * @param totalStreams data streams ever opened
 * @param failedStreams data streams that could not be opened
 * @param httpBytesUp bytes of plain HTTP toward the local service, heads included
 * @param httpBytesDown bytes of plain HTTP toward the visitor, heads included
 * @param upgradeBytesUp bytes of upgraded connections toward the local service, head of the upgrade included
 * @param upgradeBytesDown bytes of upgraded connections toward the visitor, head of the 101 included
 */
public record TunnelStats(
        long openStreams,
        long totalStreams,
        long failedStreams,
        long httpBytesUp,
        long httpBytesDown,
        long upgradeBytesUp,
        long upgradeBytesDown) {}
