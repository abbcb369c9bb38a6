package io.culvert.tunnel.jetty.internal.proxy;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.jetty.internal.io.Resets;
import io.culvert.tunnel.spi.StreamException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable.InvocationType;
import org.jspecify.annotations.Nullable;

/** Who asked, and the way of the answer. The request is completed once; after that nothing of it may be used. */
final class Visitor {
    private final ProxyContext context;
    private final Request request;
    private final Response response;
    private final Callback callback;
    private final AtomicBoolean completed = new AtomicBoolean();
    private volatile @Nullable VisitorWatch watch;

    Visitor(ProxyContext context, Request request, Response response, Callback callback) {
        this.context = context;
        this.request = request;
        this.response = response;
        this.callback = callback;
    }

    Request request() {
        return request;
    }

    boolean isHead() {
        return HttpMethod.HEAD.is(request.getMethod());
    }

    /** Whether the request may be sent twice: it is idempotent (RFC 9110, section 9.2.2) and has no body. */
    boolean isRepeatable() {
        HttpMethod method = HttpMethod.fromString(request.getMethod());
        return method != null && method.isIdempotent() && !RequestHead.hasBody(request);
    }

    boolean isCommitted() {
        return response.isCommitted();
    }

    EndPoint endPoint() {
        return request.getConnectionMetaData().getConnection().getEndPoint();
    }

    /** How long the visitor may do nothing while something is expected of it. */
    void patience(Duration time) {
        EndPoint endPoint = endPoint();
        if (endPoint.getIdleTimeout() != time.toMillis()) {
            endPoint.setIdleTimeout(time.toMillis());
        }
    }

    /** From now on, as its whole request is read, the visitor is watched for leaving. */
    void watch(Consumer<Throwable> onGone) {
        watch = VisitorWatch.arm(
                request.getConnectionMetaData().getConnection(), context.buffers(), context.halfClosing(), onGone);
    }

    /**
     * Sends an interim answer, if the visitor can understand it.
     *
     * @return whether the callback will be called
     */
    boolean interim(int status, HttpFields fields, Callback written) {
        if (request.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_1_0) {
            return false;
        }
        response.writeInterim(status, ResponseHead.interim(fields)).whenComplete((nothing, failure) -> {
            if (failure == null) {
                written.succeeded();
            } else {
                written.failed(failure);
            }
        });
        return true;
    }

    /** Prepares the head of the answer; it leaves with the first {@link #write}. */
    void head(AnswerParser answer) throws StreamException {
        if (ResponseHead.hasUnknownCoding(answer.fields())) {
            throw new StreamException(
                    TunnelError.LOCAL_PROTOCOL,
                    "the local service answers with a transfer coding that nobody asked for");
        }
        ResponseHead.copy(answer.status(), answer.fields(), response);
        if (answer.isChunked() && !isHead()) {
            response.setTrailersSupplier(answer::trailers);
        }
    }

    /** Whether the answer has no body but may not be said to have length 0. */
    boolean hasUntoldLength() {
        return (isHead() || response.getStatus() == HttpStatus.NOT_MODIFIED_304)
                && !response.getHeaders().contains(HttpHeader.CONTENT_LENGTH);
    }

    void write(boolean last, ByteBuffer bytes, Callback written) {
        response.write(last, bytes, written);
    }

    /**
     * Answers with an error page in place of the local service's answer.
     *
     * @param last whether the connection cannot be used again
     */
    void refuse(int status, TunnelError error, boolean last, Runnable written, Consumer<Throwable> failed) {
        response.reset();
        if (last) {
            response.getHeaders().put(HttpFields.CONNECTION_CLOSE);
        }
        Callback then = Callback.from(InvocationType.NON_BLOCKING, written, failed);
        context.refusals().write(request, response, then, status, error);
    }

    /** Whether the visitor did nothing for too long. */
    static boolean isTimeout(Throwable failure) {
        for (Throwable x = failure; x != null; x = x.getCause()) {
            if (x instanceof TimeoutException) {
                return true;
            }
        }
        return false;
    }

    /** What a visitor that failed can still be told; 0 for one that left. */
    static int statusFor(Throwable failure) {
        for (Throwable x = failure; x != null; x = x.getCause()) {
            if (x instanceof HttpException bad) {
                return bad.getCode();
            }
            if (x instanceof TimeoutException) {
                return HttpStatus.REQUEST_TIMEOUT_408;
            }
        }
        return 0;
    }

    /** What a status that is the visitor's fault is called. */
    static TunnelError errorFor(int status) {
        return status == HttpStatus.PAYLOAD_TOO_LARGE_413 ? TunnelError.BODY_TOO_LARGE : TunnelError.BAD_REQUEST;
    }

    /** Makes it visible that the answer is not whole. */
    void reset(Throwable cause) {
        Resets.abort(endPoint(), cause);
    }

    /** Sends the 101 and gives the connection to another protocol. */
    void upgrade(HttpFields fields, Connection next, Consumer<Throwable> onFailure) {
        ResponseHead.copy(HttpStatus.SWITCHING_PROTOCOLS_101, fields, response);
        request.setAttribute(HttpStream.UPGRADE_CONNECTION_ATTRIBUTE, next);
        Request.addCompletionListener(request, failure -> {
            if (failure != null) {
                onFailure.accept(failure);
            }
        });
        complete(null, () -> {});
    }

    /**
     * Ends the request: with success if the answer was written, else with an abort. Only the first call counts.
     *
     * @param then run once Jetty knows: at once, or on the thread that just looks whether the visitor left
     */
    void complete(@Nullable Throwable failure, Runnable then) {
        if (!completed.compareAndSet(false, true)) {
            return;
        }
        if (failure == null && response.getStatus() != HttpStatus.SWITCHING_PROTOCOLS_101) {
            patience(context.timeouts().idle());
        }
        Runnable end = () -> {
            try {
                if (failure == null) {
                    callback.succeeded();
                } else {
                    callback.failed(failure);
                }
            } finally {
                then.run();
            }
        };
        VisitorWatch watching = watch;
        if (watching == null) {
            end.run();
        } else {
            watching.disarm(end);
        }
    }
}
