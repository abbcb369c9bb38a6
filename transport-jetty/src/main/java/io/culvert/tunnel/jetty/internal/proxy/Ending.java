package io.culvert.tunnel.jetty.internal.proxy;

import io.culvert.tunnel.TunnelError;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The end of an exchange: completes the visitor's request once the request is read and the answer is written, or when it is given up.
 * Thread-safe.
 */
final class Ending {
    /** How long a visitor may go on sending a body that nobody wants. */
    private static final long LINGER_MILLIS = 5_000;

    private final ProxyContext context;
    private final Visitor visitor;
    private final Runnable over;

    // All below are guarded by this.

    /** Where the request is sent. If that is its second stream, the first has no say any more. */
    private @Nullable UpstreamConnection taker;

    private boolean requestOver;
    private boolean requestWhole;
    private boolean answerOver;
    private @Nullable Runnable afterRequest;

    /**
     * An end that is not there yet.
     *
     * @param over run once, when the visitor's request is completed and Jetty knows
     */
    Ending(ProxyContext context, Visitor visitor, Runnable over) {
        this.context = context;
        this.visitor = visitor;
        this.over = over;
    }

    /** The stream is about to be sent the request, from its beginning. */
    synchronized void requestTo(UpstreamConnection stream) {
        taker = stream;
        requestOver = false;
    }

    /**
     * Nothing of the request is read, or sent on that stream, any more.
     *
     * @param whole whether it was read to its end
     */
    void requestOver(UpstreamConnection stream, boolean whole) {
        synchronized (this) {
            if (stream != taker) {
                return;
            }
        }
        requestOver(whole);
    }

    private void requestOver(boolean whole) {
        Runnable next;
        synchronized (this) {
            requestOver = true;
            requestWhole |= whole;
            next = afterRequest;
            afterRequest = null;
        }
        if (next != null) {
            next.run();
        }
        completeIfOver();
    }

    synchronized boolean isRequestOver() {
        return requestOver;
    }

    /** Runs the action when the request is over; at once if it is. */
    void afterRequest(Runnable action) {
        synchronized (this) {
            if (!requestOver) {
                afterRequest = action;
                return;
            }
        }
        action.run();
    }

    /** The answer is written whole. */
    void answerOver() {
        synchronized (this) {
            answerOver = true;
        }
        completeIfOver();
    }

    private void completeIfOver() {
        boolean over;
        synchronized (this) {
            over = answerOver && requestOver;
        }
        if (over) {
            complete(null);
        }
    }

    /** The answer does not wait for the request: drops what still comes, but not for ever. */
    void abandonRequest(@Nullable RequestPump body) {
        if (isRequestOver()) {
            return;
        }
        if (body == null || body.isHeld()) {
            if (body != null) {
                body.drop();
            }
            requestOver(false); // nothing of the body was asked for: Jetty closes the visitor's connection
            return;
        }
        body.drop();
        TimeoutException cause = new TimeoutException("the visitor goes on sending after the answer");
        context.scheduler().schedule(() -> complete(cause), LINGER_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Answers with an error page in place of the local service's answer. */
    void refuse(int status, TunnelError error, @Nullable RequestPump body) {
        abandonRequest(body);
        boolean unread;
        synchronized (this) {
            unread = !requestWhole && RequestHead.hasBody(visitor.request());
        }
        visitor.refuse(status, error, unread, this::answerOver, this::complete);
    }

    /** Ends the request, with success or with an abort of the visitor's connection. Only the first call counts. */
    void complete(@Nullable Throwable failure) {
        visitor.complete(failure, over);
    }
}
