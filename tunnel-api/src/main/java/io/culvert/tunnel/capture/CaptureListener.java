package io.culvert.tunnel.capture;

/**
 * Hears of every change of a captured exchange: its request's head, each part of a body, each message, its end. Called one at a time for
 * all streams of an agent, on a thread that no stream waits for; what it throws is logged and goes no further. A slow listener makes
 * captures incomplete, not streams slow.
 */
@FunctionalInterface
public interface CaptureListener {
    /**
     * An exchange began, went on or ended. Nothing follows the call that finds it ended.
     *
     * @param exchange the same object for the same exchange; it may be kept and read later, from any thread
     */
    void onChange(CapturedExchange exchange);
}
