package io.culvert.tunnel.jetty.internal.proxy;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.spi.StreamException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/** Jetty's parser, turned from callbacks to events: parses the local service's answers one event at a time. Not thread-safe. */
final class AnswerParser implements HttpParser.ResponseHandler {
    /** The head of an answer, at most. */
    private static final int MAX_HEAD_BYTES = 16 * 1024;

    /** What {@link #next} found. */
    enum Event {
        /** Nothing yet: the input is used up. */
        NEED_INPUT,
        /** A head, of an interim answer or of the final one: see {@link #status} and {@link #fields}. */
        HEAD,
        /** A part of the body: see {@link #takeContent}. */
        CONTENT,
        /** The end of the final answer. */
        COMPLETE
    }

    private final HttpParser parser = new HttpParser(this, MAX_HEAD_BYTES, HttpCompliance.RFC9110);
    private final HttpFields.Mutable fields = HttpFields.build();
    private HttpFields.@Nullable Mutable trailers;
    private boolean answersHead;
    private int status;
    private HttpVersion version = HttpVersion.HTTP_1_1;
    private Event event = Event.NEED_INPUT;
    private @Nullable ByteBuffer content;
    private @Nullable StreamException failure;

    /** Prepares for the answer to a request. */
    void begin(boolean answersHead) {
        parser.reset();
        this.answersHead = answersHead;
        trailers = null;
    }

    /**
     * Parses up to the next event.
     *
     * @throws StreamException if the input is no answer, or ends before its end
     */
    Event next(ByteBuffer input) throws StreamException {
        while (true) {
            event = Event.NEED_INPUT;
            parse(input);
            if (failure != null) {
                throw failure;
            }
            if (event != Event.COMPLETE || !isInterim()) {
                return event;
            }
            parser.reset();
        }
    }

    private void parse(ByteBuffer input) {
        try {
            parser.parseNext(input);
        } catch (AssertionError x) { // Jetty asserts that what it calls bad has a status that says so
            parser.close();
            badAnswer("status " + status, x);
        }
    }

    private void badAnswer(String why, @Nullable Throwable cause) {
        if (parser.isAtEOF()) {
            earlyEOF();
        } else {
            failure = new StreamException(
                    TunnelError.LOCAL_PROTOCOL, "the local service's answer is not valid HTTP: " + why, cause);
        }
    }

    /** The stream has come to its end; {@link #next} then says what this means. */
    void atEnd() {
        parser.atEOF();
    }

    int status() {
        return status;
    }

    boolean isInterim() {
        return HttpStatus.isInformational(status) && status != HttpStatus.SWITCHING_PROTOCOLS_101;
    }

    /** The head's fields. Valid until the next head. */
    HttpFields fields() {
        return fields;
    }

    /** Fields behind a body in chunks; complete once {@link Event#COMPLETE} was seen. */
    @Nullable
    HttpFields trailers() {
        return trailers;
    }

    /** The body's next part, a view of the input. */
    ByteBuffer takeContent() {
        ByteBuffer taken = content;
        content = null;
        if (taken == null) {
            throw new IllegalStateException("no content: " + parser);
        }
        return taken;
    }

    boolean isChunked() {
        return parser.isChunking();
    }

    /** Whether another request may follow on the stream (RFC 9112, section 9.3). */
    boolean isPersistent() {
        if (parser.isAtEOF() || fields.contains(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE.asString())) {
            return false;
        }
        return version != HttpVersion.HTTP_1_0
                || fields.contains(HttpHeader.CONNECTION, HttpHeaderValue.KEEP_ALIVE.asString());
    }

    @Override
    public void startResponse(HttpVersion version, int status, String reason) {
        this.version = version;
        this.status = status;
        fields.clear();
        parser.setHeadResponse(answersHead);
    }

    @Override
    public void parsedHeader(HttpField field) {
        fields.add(field);
    }

    @Override
    public boolean headerComplete() {
        event = Event.HEAD;
        return true;
    }

    @Override
    public boolean content(ByteBuffer item) {
        content = item;
        event = Event.CONTENT;
        return true;
    }

    @Override
    public boolean contentComplete() {
        return false;
    }

    @Override
    public void parsedTrailer(HttpField field) {
        if (HopByHop.allowedInTrailers(field)) {
            if (trailers == null) {
                trailers = HttpFields.build();
            }
            trailers.add(field);
        }
    }

    @Override
    public boolean messageComplete() {
        event = Event.COMPLETE;
        return true;
    }

    @Override
    public void badMessage(HttpException bad) {
        badAnswer(String.valueOf(bad.getReason()), bad instanceof Throwable cause ? cause : null);
    }

    @Override
    public void earlyEOF() {
        failure =
                new StreamException(TunnelError.RESET, "the local service ended the connection before its answer did");
    }
}
