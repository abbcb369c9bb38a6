package io.culvert.tunnel.jetty.internal.proxy;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IteratingCallback;
import org.eclipse.jetty.util.thread.Invocable;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * What follows an answer that did not wait for the request's body: what still comes is read and dropped for a while, as a visitor who is
 * still sending would meet a reset and not see the answer (RFC 9112, section 9.6).
 */
final class Refusal extends IteratingCallback {
    private static final long LINGER_MILLIS = 5_000;

    private final Request request;
    private final Callback callback;
    private final Scheduler scheduler;
    private final AtomicBoolean over = new AtomicBoolean();
    private final Runnable readable = Invocable.from(InvocationType.NON_BLOCKING, this::succeeded);

    private Refusal(Request request, Callback callback, Scheduler scheduler) {
        this.request = request;
        this.callback = callback;
        this.scheduler = scheduler;
    }

    /** What to write the answer with; completes the request some time later. */
    static Callback of(Request request, Callback callback, Scheduler scheduler) {
        if (!RequestHead.hasBody(request)) {
            return callback;
        }
        Refusal refusal = new Refusal(request, callback, scheduler);
        return Callback.from(InvocationType.NON_BLOCKING, refusal::linger, refusal::complete);
    }

    private void linger() {
        Scheduler.Task late = scheduler.schedule(
                () -> complete(new TimeoutException("the visitor goes on sending after the answer")),
                LINGER_MILLIS,
                TimeUnit.MILLISECONDS);
        Request.addCompletionListener(request, failure -> late.cancel());
        iterate();
    }

    @Override
    public InvocationType getInvocationType() {
        return InvocationType.NON_BLOCKING;
    }

    @Override
    protected Action process() {
        while (!over.get()) {
            Content.Chunk chunk = request.read();
            if (chunk == null) {
                request.demand(readable);
                return Action.SCHEDULED;
            }
            chunk.release();
            if (chunk.isLast()) {
                complete(Content.Chunk.isFailure(chunk) ? chunk.getFailure() : null);
            }
        }
        return Action.SUCCEEDED;
    }

    private void complete(@org.jspecify.annotations.Nullable Throwable failure) {
        if (!over.compareAndSet(false, true)) {
            return;
        }
        if (failure == null) {
            callback.succeeded();
        } else {
            callback.failed(failure);
        }
    }
}
