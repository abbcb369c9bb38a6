package io.culvert.tunnel.jetty.internal.capture;

import io.culvert.tunnel.capture.CapturedField;
import io.culvert.tunnel.capture.CapturedRequest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpVersion;

/** Parses the requests of one stream, one behind another. */
final class RequestSide implements HttpParser.RequestHandler {
    private final HttpDecoder decoder;
    private final HttpParser parser = new HttpParser(this, HeadLimit.BYTES, HttpCompliance.RFC9110);
    private final List<CapturedField> fields = new ArrayList<>();
    private String method = "";
    private String target = "";
    private String version = "";

    RequestSide(HttpDecoder decoder) {
        this.decoder = decoder;
    }

    void parse(ByteBuffer bytes) {
        while (bytes.hasRemaining() && !parser.isClosed()) {
            int before = bytes.remaining();
            boolean event = parser.parseNext(bytes);
            if (parser.isComplete()) {
                parser.reset();
            } else if (!event && bytes.remaining() == before) {
                return;
            }
        }
    }

    @Override
    public void startRequest(String method, String target, HttpVersion version) {
        this.method = method;
        this.target = target;
        this.version = version.asString();
        fields.clear();
    }

    @Override
    public void parsedHeader(HttpField field) {
        fields.add(HeadLimit.captured(field));
    }

    @Override
    public boolean headerComplete() {
        decoder.requestHead(new CapturedRequest(method, target, version, fields));
        return false;
    }

    @Override
    public boolean content(ByteBuffer content) {
        decoder.requestBody(content);
        return false;
    }

    @Override
    public boolean contentComplete() {
        return false;
    }

    @Override
    public void parsedTrailer(HttpField field) {
        decoder.requestTrailer(HeadLimit.captured(field));
    }

    @Override
    public boolean messageComplete() {
        decoder.requestEnd();
        return true;
    }

    @Override
    public void badMessage(HttpException failure) {
        decoder.unreadable("A request is not valid HTTP: " + failure.getReason());
    }

    @Override
    public void earlyEOF() {
        // The stream's end says so.
    }
}
