package io.culvert.tunnel.jetty.internal.capture;

import io.culvert.tunnel.capture.CapturedField;
import io.culvert.tunnel.capture.CapturedResponse;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.util.BufferUtil;
import org.jspecify.annotations.Nullable;

/** Parses the answers of one stream, one behind another; interim ones are left out. */
final class ResponseSide implements HttpParser.ResponseHandler {
    private final HttpDecoder decoder;
    private final HttpParser parser = new HttpParser(this, HeadLimit.BYTES, HttpCompliance.RFC9110);
    private final List<CapturedField> fields = new ArrayList<>();
    private int status;
    private String reason = "";
    private String version = "";

    ResponseSide(HttpDecoder decoder) {
        this.decoder = decoder;
    }

    void parse(ByteBuffer bytes) {
        while (bytes.hasRemaining() && !parser.isClosed() && !decoder.isUpgraded()) {
            int before = bytes.remaining();
            boolean event = next(bytes);
            if (parser.isComplete()) {
                parser.reset();
            } else if (!event && bytes.remaining() == before) {
                return;
            }
        }
    }

    /** The stream ended, which may be how an answer ends. */
    void parseEnd() {
        parser.atEOF();
        next(BufferUtil.EMPTY_BUFFER);
    }

    private boolean next(ByteBuffer bytes) {
        try {
            return parser.parseNext(bytes);
        } catch (AssertionError x) { // Jetty asserts that what it calls bad has a status that says so
            parser.close();
            decoder.unreadable("An answer is not valid HTTP.");
            return false;
        }
    }

    private boolean isInterim() {
        return HttpStatus.isInformational(status) && status != HttpStatus.SWITCHING_PROTOCOLS_101;
    }

    @Override
    public void startResponse(HttpVersion version, int status, @Nullable String reason) {
        this.version = version.asString();
        this.status = status;
        this.reason = reason == null ? "" : reason;
        fields.clear();
        parser.setHeadResponse(decoder.answersHead());
    }

    @Override
    public void parsedHeader(HttpField field) {
        fields.add(HeadLimit.captured(field));
    }

    @Override
    public boolean headerComplete() {
        if (isInterim()) {
            return false;
        }
        decoder.responseHead(new CapturedResponse(status, reason, version, fields));
        return decoder.isUpgraded(); // nothing behind it is HTTP
    }

    @Override
    public boolean content(ByteBuffer content) {
        decoder.responseBody(content);
        return false;
    }

    @Override
    public boolean contentComplete() {
        return false;
    }

    @Override
    public void parsedTrailer(HttpField field) {
        decoder.responseTrailer(HeadLimit.captured(field));
    }

    @Override
    public boolean messageComplete() {
        if (!isInterim() && !decoder.isUpgraded()) {
            decoder.responseEnd();
        }
        return true;
    }

    @Override
    public void badMessage(HttpException failure) {
        decoder.unreadable("An answer is not valid HTTP: " + failure.getReason());
    }

    @Override
    public void earlyEOF() {
        // The stream's end says so.
    }
}
