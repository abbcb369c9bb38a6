package io.culvert.tunnel.inspector.internal;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.culvert.tunnel.capture.CapturedBody;
import io.culvert.tunnel.capture.CapturedExchange;
import io.culvert.tunnel.capture.CapturedField;
import io.culvert.tunnel.capture.CapturedMessage;
import io.culvert.tunnel.capture.CapturedRequest;
import io.culvert.tunnel.capture.CapturedResponse;
import io.culvert.tunnel.capture.Traffic;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Exchanges as the page reads them. */
final class ExchangeJson {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private ExchangeJson() {}

    /** A line of the list. */
    static ObjectNode summary(Traffic.Numbered numbered) {
        CapturedExchange exchange = numbered.exchange();
        CapturedRequest request = exchange.request();
        Optional<CapturedResponse> response = exchange.response();
        ObjectNode node = JSON.objectNode();
        node.put("n", numbered.number());
        node.put("method", request.method());
        node.put("target", request.target());
        node.put("host", request.field("Host").orElse(""));
        node.put("tunnel", exchange.tunnel());
        node.put("transport", exchange.transport());
        node.put("state", exchange.state().name().toLowerCase(java.util.Locale.ROOT));
        node.put("started", exchange.startedAt().toEpochMilli());
        response.ifPresent(head -> node.put("status", head.status()));
        response.flatMap(head -> head.field("Content-Type")).ifPresent(type -> node.put("type", type));
        millis(node, "total", exchange.totalTime());
        node.put("up", exchange.requestBytes());
        node.put("down", exchange.responseBytes());
        node.put("messages", exchange.messageCount());
        node.put("kind", kind(response));
        return node;
    }

    private static String kind(Optional<CapturedResponse> response) {
        if (response.isEmpty()) {
            return "http";
        }
        if (response.get().status() == 101) {
            return "websocket";
        }
        String type = response.get().field("Content-Type").orElse("");
        return type.startsWith("text/event-stream") ? "events" : "http";
    }

    /**
     * All but the bodies' bytes.
     *
     * @param reveal whether secrets are wanted
     * @param fromMessage the first message that is wanted, counted from the first of all
     */
    static ObjectNode detail(Traffic.Numbered numbered, boolean reveal, long fromMessage) {
        CapturedExchange exchange = numbered.exchange();
        ObjectNode node = summary(numbered);
        exchange.problem().ifPresent(problem -> node.put("problem", problem));
        millis(node, "requestTime", exchange.requestTime());
        millis(node, "answerTime", exchange.answerTime());
        ObjectNode request = node.putObject("request");
        request.put("version", exchange.request().version());
        request.set("fields", fields(exchange.request().fields(), reveal));
        body(request.putObject("body"), exchange.requestBody(), reveal);
        exchange.response().ifPresent(head -> {
            ObjectNode response = node.putObject("response");
            response.put("version", head.version());
            response.put("reason", head.reason());
            response.set("fields", fields(head.fields(), reveal));
            body(response.putObject("body"), exchange.responseBody(), reveal);
        });
        messages(node, exchange, fromMessage);
        return node;
    }

    private static void messages(ObjectNode node, CapturedExchange exchange, long from) {
        List<CapturedMessage> kept = exchange.messages();
        long first = Math.max(0, exchange.messageCount() - kept.size());
        ArrayNode list = node.putArray("messageList");
        node.put("messagesFrom", Math.max(first, from));
        for (int i = (int) Math.max(0, from - first); i < kept.size(); i++) {
            CapturedMessage message = kept.get(i);
            ObjectNode entry = list.addObject();
            entry.put("direction", message.direction().name().toLowerCase(java.util.Locale.ROOT));
            entry.put("kind", message.kind().name().toLowerCase(java.util.Locale.ROOT));
            entry.put("size", message.size());
            entry.put("whole", message.whole());
            entry.put("at", millis(message.at()));
            if (message.closeCode() != 0) {
                entry.put("code", message.closeCode());
            }
            if (message.kind() == CapturedMessage.Kind.BINARY) {
                entry.put("base64", Base64.getEncoder().encodeToString(message.bytes()));
            } else {
                entry.put("text", message.text());
            }
        }
    }

    private static void body(ObjectNode node, CapturedBody body, boolean reveal) {
        node.put("size", body.size());
        node.put("kept", body.bytes().length);
        node.put("ended", body.ended());
        if (!body.trailers().isEmpty()) {
            node.set("trailers", fields(body.trailers(), reveal));
        }
    }

    static ArrayNode fields(List<CapturedField> fields, boolean reveal) {
        ArrayNode list = JSON.arrayNode();
        for (CapturedField field : fields) {
            ObjectNode entry = list.addObject();
            entry.put("name", field.name());
            boolean masked = !reveal && Secrets.isSecret(field.name());
            entry.put("value", masked ? Secrets.MASK : field.value());
            if (masked) {
                entry.put("masked", true);
            }
        }
        return list;
    }

    private static void millis(ObjectNode node, String name, Optional<Duration> time) {
        time.ifPresent(duration -> node.put(name, millis(duration)));
    }

    static double millis(Duration duration) {
        return Math.round(duration.toNanos() / 10_000.0) / 100.0;
    }
}
