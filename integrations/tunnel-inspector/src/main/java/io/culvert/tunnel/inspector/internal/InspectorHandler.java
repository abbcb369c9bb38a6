package io.culvert.tunnel.inspector.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.capture.CapturedBody;
import io.culvert.tunnel.capture.CapturedExchange;
import io.culvert.tunnel.capture.CapturedField;
import io.culvert.tunnel.capture.CapturedRequest;
import io.culvert.tunnel.capture.Replay;
import io.culvert.tunnel.capture.Traffic;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;

/** Answers the page and what it asks for. */
final class InspectorHandler extends Handler.Abstract {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int MAX_REPLAY_BYTES = 96 << 20;
    private static final Pattern EXCHANGE = Pattern.compile("/api/exchanges/([0-9]{1,18})(/[a-z-]+)?");

    /** Images that cannot hold scripts. */
    private static final Set<String> IMAGES =
            Set.of("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif");

    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final Traffic traffic;
    private final Door door;

    InspectorHandler(Traffic traffic, Door door) {
        this.traffic = traffic;
        this.door = door;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws IOException {
        HttpFields.Mutable fields = response.getHeaders();
        fields.put(HttpHeader.CACHE_CONTROL, "no-store");
        fields.put("X-Content-Type-Options", "nosniff");
        fields.put("Referrer-Policy", "no-referrer");
        fields.put("Cross-Origin-Resource-Policy", "same-origin");
        fields.put("Cross-Origin-Opener-Policy", "same-origin");
        fields.put("Content-Security-Policy", POLICY);
        String refusal = door.refusal(request);
        if (refusal != null) {
            text(response, callback, HttpStatus.FORBIDDEN_403, refusal);
            return true;
        }
        try {
            answer(request, response, callback);
        } catch (JsonProcessingException x) {
            text(response, callback, HttpStatus.BAD_REQUEST_400, "The request's body is not valid JSON.");
        }
        return true;
    }

    private void answer(Request request, Response response, Callback callback) throws IOException {
        HttpFields.Mutable fields = response.getHeaders();
        String path = Request.getPathInContext(request);
        boolean get = HttpMethod.GET.is(request.getMethod());
        boolean post = HttpMethod.POST.is(request.getMethod());
        Matcher exchange = EXCHANGE.matcher(path);
        if (get && path.equals("/")) {
            resource(response, callback, "index.html", "text/html;charset=utf-8");
        } else if (get && path.equals("/inspector.css")) {
            resource(response, callback, "inspector.css", "text/css;charset=utf-8");
        } else if (get && path.equals("/inspector.js")) {
            resource(response, callback, "inspector.js", "text/javascript;charset=utf-8");
        } else if (get && path.equals("/api/events")) {
            EventFeed.start(traffic, request.getComponents().getScheduler(), request, response, callback);
        } else if (get && path.equals("/api/har")) {
            fields.put("Content-Disposition", "attachment; filename=\"culvert.har\"");
            json(response, callback, HttpStatus.OK_200, Har.of(traffic.exchanges()));
        } else if (post && path.equals("/api/clear")) {
            traffic.clear();
            json(response, callback, HttpStatus.OK_200, JsonNodeFactory.instance.objectNode());
        } else if (post && path.equals("/api/recording")) {
            traffic.recording(body(request).path("on").asBoolean(true));
            json(response, callback, HttpStatus.OK_200, JsonNodeFactory.instance.objectNode());
        } else if (exchange.matches()) {
            exchange(request, response, callback, Long.parseLong(exchange.group(1)), exchange.group(2));
        } else {
            text(response, callback, HttpStatus.NOT_FOUND_404, "There is nothing here.");
        }
    }

    private void exchange(Request request, Response response, Callback callback, long number, @Nullable String part)
            throws IOException {
        Optional<Traffic.Numbered> found = traffic.exchange(number);
        boolean get = HttpMethod.GET.is(request.getMethod());
        if (found.isEmpty()) {
            text(response, callback, HttpStatus.NOT_FOUND_404, "This exchange is not kept any more.");
        } else if (get && part == null) {
            Fields query = Request.extractQueryParameters(request);
            boolean reveal = "1".equals(query.getValue("reveal"));
            json(response, callback, HttpStatus.OK_200, ExchangeJson.detail(found.get(), reveal, from(query)));
        } else if (get && "/request-body".equals(part)) {
            CapturedExchange one = found.get().exchange();
            body(response, callback, one.requestBody(), one.request().fields());
        } else if (get && "/response-body".equals(part)) {
            CapturedExchange one = found.get().exchange();
            List<CapturedField> fields =
                    one.response().map(head -> head.fields()).orElse(List.of());
            body(response, callback, one.responseBody(), fields);
        } else if (HttpMethod.POST.is(request.getMethod()) && "/replay".equals(part)) {
            replay(request, response, callback, found.get().exchange());
        } else {
            text(response, callback, HttpStatus.NOT_FOUND_404, "There is nothing here.");
        }
    }

    private static long from(Fields query) {
        String from = query.getValue("from");
        return from != null && from.matches("[0-9]{1,18}") ? Long.parseLong(from) : 0;
    }

    /** The bytes as they were kept, without their content coding; shown by the page as text, never run by the browser. */
    private static void body(Response response, Callback callback, CapturedBody body, List<CapturedField> fields) {
        String type = CapturedField.first(fields, "Content-Type").orElse("").toLowerCase(Locale.ROOT);
        String bare = type.contains(";") ? type.substring(0, type.indexOf(';')).trim() : type.trim();
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, IMAGES.contains(bare) ? bare : "application/octet-stream");
        byte[] bytes = ContentCoding.decode(body.bytes(), CapturedField.first(fields, "Content-Encoding"));
        response.write(true, ByteBuffer.wrap(bytes), callback);
    }

    private void replay(Request request, Response response, Callback callback, CapturedExchange original)
            throws IOException {
        Optional<Tunnel> tunnel = traffic.tunnel(original.tunnel());
        if (tunnel.isEmpty()) {
            text(response, callback, HttpStatus.CONFLICT_409, "Tunnel " + original.tunnel() + " is not open.");
            return;
        }
        JsonNode wish = body(request);
        CompletionStage<String> sent;
        try {
            sent = edited(original, wish).sendTo(tunnel.get());
        } catch (IllegalStateException x) {
            text(response, callback, HttpStatus.CONFLICT_409, String.valueOf(x.getMessage()));
            return;
        } catch (IllegalArgumentException x) {
            text(response, callback, HttpStatus.BAD_REQUEST_400, String.valueOf(x.getMessage()));
            return;
        }
        sent.whenComplete((stream, failure) -> {
            if (failure == null) {
                json(response, callback, HttpStatus.ACCEPTED_202, JsonNodeFactory.instance.objectNode());
            } else {
                text(response, callback, HttpStatus.BAD_GATEWAY_502, "The local service could not be reached.");
            }
        });
    }

    private static Replay edited(CapturedExchange original, JsonNode wish) {
        CapturedRequest request = original.request();
        Replay replay = Replay.of(original)
                .method(wish.path("method").asText(request.method()))
                .target(wish.path("target").asText(request.target()))
                .fields(fields(wish.path("fields"), request.fields()));
        return wish.has("body")
                ? replay.body(Base64.getDecoder().decode(wish.path("body").asText()))
                : replay;
    }

    /** Masked values in what the page sends stand for the ones that it was not shown. */
    private static List<CapturedField> fields(JsonNode wished, List<CapturedField> original) {
        if (!wished.isArray()) {
            return original;
        }
        List<CapturedField> fields = new ArrayList<>();
        for (JsonNode field : wished) {
            String name = field.path("name").asText();
            String value = field.path("value").asText();
            if (value.equals(Secrets.MASK)) {
                original.stream()
                        .filter(known -> known.name().equalsIgnoreCase(name))
                        .forEach(fields::add);
            } else {
                fields.add(new CapturedField(name, value));
            }
        }
        return fields;
    }

    private static JsonNode body(Request request) throws IOException {
        if (request.getLength() > MAX_REPLAY_BYTES) {
            throw new IOException("A request to the inspector is larger than " + MAX_REPLAY_BYTES + " bytes.");
        }
        try (var in = Content.Source.asInputStream(request)) {
            byte[] bytes = in.readNBytes(MAX_REPLAY_BYTES);
            return bytes.length == 0 ? MAPPER.createObjectNode() : MAPPER.readTree(bytes);
        }
    }

    private static void json(Response response, Callback callback, int status, JsonNode node) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json;charset=utf-8");
        response.write(
                true, ByteBuffer.wrap(node.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8)), callback);
    }

    private static void text(Response response, Callback callback, int status, String words) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain;charset=utf-8");
        Content.Sink.write(response, true, words + "\n", callback);
    }

    private static void resource(Response response, Callback callback, String name, String type) throws IOException {
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
        try (var in = InspectorHandler.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException("The inspector's jar lacks " + name + ".");
            }
            response.write(true, ByteBuffer.wrap(in.readAllBytes()), callback);
        }
    }
}
