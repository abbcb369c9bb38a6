package io.culvert.tunnel.inspector.internal;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.culvert.tunnel.Direction;
import io.culvert.tunnel.capture.CapturedBody;
import io.culvert.tunnel.capture.CapturedExchange;
import io.culvert.tunnel.capture.CapturedExchange.State;
import io.culvert.tunnel.capture.CapturedField;
import io.culvert.tunnel.capture.CapturedMessage;
import io.culvert.tunnel.capture.CapturedRequest;
import io.culvert.tunnel.capture.CapturedResponse;
import io.culvert.tunnel.capture.Traffic;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Exchanges in the HTTP archive format, version 1.2, which browsers and other tools read. Secrets stay masked. */
final class Har {
    private Har() {}

    static ObjectNode of(List<Traffic.Numbered> exchanges) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ObjectNode log = root.putObject("log");
        log.put("version", "1.2");
        log.putObject("creator").put("name", "Culvert").put("version", version());
        ArrayNode entries = log.putArray("entries");
        exchanges.stream()
                .map(Traffic.Numbered::exchange)
                .filter(exchange -> exchange.state() != State.OPEN)
                .forEach(exchange -> entry(entries.addObject(), exchange));
        return root;
    }

    private static String version() {
        return Optional.ofNullable(Har.class.getPackage().getImplementationVersion())
                .orElse("development");
    }

    private static void entry(ObjectNode node, CapturedExchange exchange) {
        double sent = millis(exchange.requestTime());
        double answered = millis(exchange.answerTime());
        double total = millis(exchange.totalTime());
        node.put("startedDateTime", exchange.startedAt().toString());
        node.put("time", total);
        request(node.putObject("request"), exchange);
        response(node.putObject("response"), exchange);
        node.putObject("cache");
        node.putObject("timings")
                .put("send", Math.min(sent, answered))
                .put("wait", Math.max(0, answered - sent))
                .put("receive", Math.max(0, total - answered));
        exchange.problem().ifPresent(problem -> node.put("comment", problem));
        if (exchange.messageCount() > 0) {
            ArrayNode messages = node.putArray("_webSocketMessages");
            exchange.messages().forEach(message -> message(messages.addObject(), exchange, message));
        }
    }

    private static void message(ObjectNode node, CapturedExchange exchange, CapturedMessage message) {
        boolean text = message.kind() != CapturedMessage.Kind.BINARY;
        node.put("type", message.direction() == Direction.UP ? "send" : "receive");
        node.put("time", (exchange.startedAt().toEpochMilli() + ExchangeJson.millis(message.at())) / 1000);
        node.put("opcode", text ? 1 : 2);
        node.put("data", text ? message.text() : Base64.getEncoder().encodeToString(message.bytes()));
    }

    private static void request(ObjectNode node, CapturedExchange exchange) {
        CapturedRequest head = exchange.request();
        String scheme = head.field("X-Forwarded-Proto").orElse("http");
        node.put("method", head.method());
        node.put("url", scheme + "://" + head.field("Host").orElse("localhost") + head.target());
        node.put("httpVersion", head.version());
        node.putArray("cookies");
        node.set("headers", ExchangeJson.fields(head.fields(), false));
        query(node.putArray("queryString"), head.target());
        node.put("headersSize", -1).put("bodySize", exchange.requestBytes());
        if (exchange.requestBytes() > 0) {
            content(node.putObject("postData"), exchange.requestBody(), head.fields());
        }
    }

    private static void query(ArrayNode list, String target) {
        int mark = target.indexOf('?');
        if (mark >= 0) {
            for (String pair : target.substring(mark + 1).split("&")) {
                int equal = pair.indexOf('=');
                list.addObject()
                        .put("name", equal < 0 ? pair : pair.substring(0, equal))
                        .put("value", equal < 0 ? "" : pair.substring(equal + 1));
            }
        }
    }

    private static void response(ObjectNode node, CapturedExchange exchange) {
        Optional<CapturedResponse> head = exchange.response();
        node.put("status", head.map(CapturedResponse::status).orElse(0));
        node.put("statusText", head.map(CapturedResponse::reason).orElse(""));
        node.put("httpVersion", head.map(CapturedResponse::version).orElse(""));
        node.putArray("cookies");
        List<CapturedField> fields = head.map(CapturedResponse::fields).orElse(List.of());
        node.set("headers", ExchangeJson.fields(fields, false));
        CapturedBody body = exchange.responseBody();
        ObjectNode content = node.putObject("content");
        content(content, body, fields);
        content.put("size", body.size());
        node.put("redirectURL", CapturedField.first(fields, "Location").orElse(""));
        node.put("headersSize", -1).put("bodySize", body.size());
    }

    private static void content(ObjectNode node, CapturedBody body, List<CapturedField> fields) {
        byte[] bytes = ContentCoding.decode(body.bytes(), CapturedField.first(fields, "Content-Encoding"));
        node.put("mimeType", CapturedField.first(fields, "Content-Type").orElse("application/octet-stream"));
        try {
            node.put(
                    "text",
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes))
                            .toString());
        } catch (CharacterCodingException x) {
            node.put("text", Base64.getEncoder().encodeToString(bytes)).put("encoding", "base64");
        }
        if (!body.isWhole()) {
            node.put("comment", "Only the first " + body.bytes().length + " bytes were kept.");
        }
    }

    private static double millis(Optional<Duration> time) {
        return time.map(ExchangeJson::millis).orElse(0.0);
    }
}
