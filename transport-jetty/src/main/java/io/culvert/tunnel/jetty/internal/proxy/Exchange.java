package io.culvert.tunnel.jetty.internal.proxy;

import io.culvert.tunnel.Limit;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.net.Admission;
import io.culvert.tunnel.jetty.internal.io.Pump;
import io.culvert.tunnel.spi.StreamException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request of a visitor and its answer. Its outcome is decided once: by the end of the answer, by the visitor, or by a failure of the
 * stream, which becomes an error page, or an abort of the visitor's connection where the answer has begun.
 */
final class Exchange {
    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

    /** How long a local service that says no 100 goes without the body (RFC 9110, section 10.1.1). */
    private static final long CONTINUE_MILLIS = 1_000;

    /** How long the reading side of a stream has to tell the answer, or better than the writing side what is wrong. */
    private static final long REASON_MILLIS = 1_000;

    private final ProxyContext context;
    private final StreamPool pool;
    private final Visitor visitor;
    private final Ending ending;
    private final boolean upgrade;
    private final Admission.Admitted admission;
    private final Runnable over;
    private final boolean hasBody;

    /** Set when the stream takes the request, for requests with a body. */
    private volatile @Nullable RequestPump body;

    // All below are guarded by this.

    /** The stream in use. */
    private @Nullable UpstreamConnection connection;

    private boolean retried;
    private boolean decided;

    /** The last of the answer is being written, which tells whether the visitor is still there. */
    private boolean answerEnding;

    /** Why the visitor is given up, if that is what was decided. */
    private @Nullable Throwable visitorFailure;

    Exchange(ProxyContext context, StreamPool pool, Visitor visitor, boolean upgrade, Admission.Admitted admission) {
        this.context = context;
        this.pool = pool;
        this.visitor = visitor;
        this.upgrade = upgrade;
        this.admission = admission;
        this.over = () -> {
            context.activity().ended();
            admission.over().run();
        };
        this.ending = new Ending(context, visitor, over);
        this.hasBody = RequestHead.hasBody(visitor.request());
    }

    Visitor visitor() {
        return visitor;
    }

    /** How long the request's body may be. */
    long bodyBytes() {
        return admission.bodyBytes();
    }

    void start() {
        context.activity().begun();
        visitor.request().addFailureListener(this::visitorFailed);
        visitor.request()
                .addIdleTimeoutListener(timeout -> false); // a visitor that waits for the local service is not idle
        visitor.patience(
                hasBody ? context.timeouts().requestBody() : context.timeouts().unread());
        if (!hasBody) {
            visitor.watch(this::visitorFailed);
        }
        UpstreamConnection waiting = upgrade ? null : pool.poll();
        if (waiting == null) {
            open();
        } else {
            send(waiting);
        }
    }

    private void open() {
        pool.open(upgrade ? StreamKind.UPGRADE : StreamKind.HTTP, (fresh, failure) -> {
            if (fresh == null) {
                streamFailed(failure == null ? new EofException("no stream") : failure);
            } else {
                send(fresh);
            }
        });
    }

    private void send(UpstreamConnection taken) {
        synchronized (this) {
            connection = decided ? null : taken;
        }
        if (connection() == null) {
            taken.park();
            return;
        }
        ending.requestTo(taken);
        if (!taken.begin(this)) {
            notTaken(taken);
            return;
        }
        Throwable gone = visitorFailure();
        if (gone != null) {
            taken.fail(this, gone);
            return;
        }
        RetainableByteBuffer head = RequestHead.encode(
                visitor.request(), upgrade, pool.tunnel().hostHeader(), admission.takesAuthorization(), context);
        if (hasBody) {
            RequestPump pump = new RequestPump(this, taken, head, context.buffers());
            body = pump;
            pump.iterate();
            if (pump.isHeld()) {
                context.scheduler().schedule(pump::proceed, CONTINUE_MILLIS, TimeUnit.MILLISECONDS);
            }
        } else {
            new HeadSender(this, taken, head).send();
        }
    }

    /** The stream ended before the exchange began on it. */
    private void notTaken(UpstreamConnection ended) {
        Throwable gone;
        synchronized (this) {
            connection = null;
            gone = visitorFailure;
        }
        if (gone != null) {
            giveVisitorUp(gone); // it failed while the stream was not the exchange's, so nobody else will
        } else if (ended.isReused()) {
            open();
        } else {
            streamFailed(ended.cause());
        }
    }

    private synchronized @Nullable UpstreamConnection connection() {
        return connection;
    }

    private synchronized @Nullable Throwable visitorFailure() {
        return visitorFailure;
    }

    /** The stream does not take the request. */
    void requestNotWritten(UpstreamConnection stream, Throwable cause) {
        context.scheduler().schedule(() -> stream.fail(this, cause), REASON_MILLIS, TimeUnit.MILLISECONDS);
    }

    /**
     * Nothing of the request is read, or written to that stream, any more.
     *
     * @param whole whether it was read to its end
     */
    void requestOver(UpstreamConnection stream, boolean whole) {
        visitor.patience(context.timeouts().unread());
        if (hasBody && whole) {
            visitor.watch(this::visitorFailed);
        }
        ending.requestOver(stream, whole);
    }

    /** An interim answer came. Returns whether the callback will be called. */
    boolean interim(int status, HttpFields fields, Callback written) {
        if (status != HttpStatus.CONTINUE_100) {
            return visitor.interim(status, fields, written);
        }
        RequestPump pump = body;
        if (pump != null) {
            pump.proceed(); // Jetty tells the visitor when the body is read
        }
        return false;
    }

    /** The local service agrees to the upgrade: from here on a pump copies bytes. */
    void upgraded(UpstreamConnection upstream, HttpFields fields) throws StreamException {
        Optional<String> protocol = UpgradeDetector.protocol(fields);
        if (!upgrade || protocol.isEmpty()) {
            throw new StreamException(
                    TunnelError.LOCAL_PROTOCOL, "the local service upgrades to what nobody asked for");
        }
        Switchover switchover = new Switchover(context, upstream, visitor, protocol.get(), over);
        Pump pump = switchover.pump();
        pump.hold(); // the answer may overtake word of the request's last write, and the next has to wait for it
        ending.afterRequest(pump::release);
        if (!upstream.handOver(this, pump.upstream())) {
            return; // it failed, which is told
        }
        switchover.awaitFarewell(pool.tunnel());
        Throwable gone;
        synchronized (this) {
            decided = true;
            gone = visitorFailure;
        }
        if (gone == null) {
            visitor.upgrade(fields, pump.downstream(), pump::abort);
        } else {
            pump.abort(gone);
            visitor.complete(new Request.Handler.AbortException(gone), () -> {});
        }
    }

    /** The last part of the answer is about to be written. */
    synchronized void answering() {
        answerEnding = true;
    }

    /** The answer was written whole. The stream is not the exchange's any more, but is up to it. */
    void answered(UpstreamConnection done, boolean reusable) {
        RequestPump pump = body;
        synchronized (this) {
            decided = true;
            connection = null;
        }
        if (!ending.isRequestOver() && pump != null && !pump.isEnding()) {
            done.streamFailed(new EofException("answered before the whole request was sent"));
            ending.abandonRequest(pump);
        } else if (reusable) {
            ending.afterRequest(done::park);
        } else {
            done.close();
        }
        ending.answerOver();
    }

    /** The body grew beyond what is allowed. */
    void bodyTooLarge() {
        context.reached().accept(Limit.BODY_BYTES);
        visitorFailed(new HttpException.RuntimeException(
                HttpStatus.PAYLOAD_TOO_LARGE_413, "the body is larger than " + bodyBytes() + " bytes"));
    }

    /** The visitor pauses within its body for too long, left in its midst, or sent something that is no body. */
    void bodyFailed(Throwable cause) {
        if (Visitor.isTimeout(cause)) {
            context.reached().accept(Limit.REQUEST_BODY_TIME);
        }
        visitorFailed(cause);
    }

    /** The visitor left, was silent for too long, or sent something that is not HTTP. */
    void visitorFailed(Throwable cause) {
        UpstreamConnection current;
        synchronized (this) {
            if (decided || answerEnding) {
                return;
            }
            decided = true;
            visitorFailure = cause;
            current = connection;
        }
        if (current == null) {
            giveVisitorUp(cause);
        } else {
            current.fail(this, cause); // and then answerFailed
        }
    }

    /** The answer is cut off while a part of it may still be on its way to the visitor. */
    void answerAborted(Throwable cause) {
        if (visitor.isCommitted()) {
            visitor.reset(cause);
        }
    }

    /** The answer is cut off, and nothing of it is on its way any more. */
    void answerFailed(Throwable cause, boolean byVisitor) {
        if (byVisitor && Visitor.isTimeout(cause)) {
            context.reached().accept(Limit.UNREAD_TIME);
        }
        Throwable gone;
        synchronized (this) {
            if (byVisitor && visitorFailure == null) {
                decided = true;
                visitorFailure = cause;
            }
            gone = visitorFailure;
        }
        if (gone == null) {
            streamFailed(cause);
        } else {
            giveVisitorUp(gone);
        }
    }

    private void streamFailed(Throwable cause) {
        boolean retry;
        synchronized (this) {
            if (decided) {
                return;
            }
            retry = connection != null && connection.isWorthARetry(cause) && !retried && visitor.isRepeatable();
            retried |= retry;
            decided = !retry;
            connection = null;
        }
        if (retry) {
            open();
            return;
        }
        TunnelError error = StreamException.errorOf(cause);
        if (error == TunnelError.OPEN_TIMEOUT) {
            context.reached().accept(Limit.OPEN_TIME);
        }
        LOG.debug("A request for tunnel {} failed: {}", pool.tunnel().name(), error.code(), cause);
        if (visitor.isCommitted()) {
            visitor.reset(cause);
            ending.complete(cause);
        } else {
            ending.refuse(error.status(), error, body);
        }
    }

    private void giveVisitorUp(Throwable cause) {
        int status = Visitor.statusFor(cause);
        if (status == 0 || visitor.isCommitted()) {
            ending.complete(new Request.Handler.AbortException(cause));
        } else {
            ending.refuse(status, Visitor.errorFor(status), body);
        }
    }
}
