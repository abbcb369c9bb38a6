package io.culvert.tunnel.core.internal.codec;

import static io.culvert.tunnel.core.internal.codec.FieldReader.required;

import com.fasterxml.jackson.core.JsonGenerator;
import io.culvert.tunnel.Direction;
import io.culvert.tunnel.message.TunnelMessage.Credit;
import io.culvert.tunnel.message.TunnelMessage.End;
import io.culvert.tunnel.message.TunnelMessage.HttpCancel;
import io.culvert.tunnel.message.TunnelMessage.HttpRequest;
import io.culvert.tunnel.message.TunnelMessage.HttpResponse;
import io.culvert.tunnel.message.TunnelMessage.WebSocketClose;
import io.culvert.tunnel.message.TunnelMessage.WebSocketFrame;
import io.culvert.tunnel.message.TunnelMessage.WebSocketReady;
import io.culvert.tunnel.message.TunnelMessage.WebSocketUpgrade;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** The messages about one data stream: one writer and one reader for each record. */
final class StreamMessages {
    private StreamMessages() {}

    static List<Handler<?>> handlers() {
        return List.of(
                new Handler<>(HttpRequest.class, StreamMessages::write, StreamMessages::httpRequest),
                new Handler<>(HttpResponse.class, StreamMessages::write, StreamMessages::httpResponse),
                new Handler<>(HttpCancel.class, StreamMessages::write, StreamMessages::httpCancel),
                new Handler<>(WebSocketUpgrade.class, StreamMessages::write, StreamMessages::webSocketUpgrade),
                new Handler<>(WebSocketReady.class, StreamMessages::write, StreamMessages::webSocketReady),
                new Handler<>(WebSocketFrame.class, StreamMessages::write, StreamMessages::webSocketFrame),
                new Handler<>(WebSocketClose.class, StreamMessages::write, StreamMessages::webSocketClose),
                new Handler<>(Credit.class, StreamMessages::write, StreamMessages::credit),
                new Handler<>(End.class, StreamMessages::write, StreamMessages::end));
    }

    private static void write(HttpRequest message, JsonGenerator to) throws IOException {
        to.writeStringField("request_id", message.requestId());
        FieldWriter.optional(to, "tunnel", message.tunnel());
        FieldWriter.optional(to, "payload", message.payload());
    }

    private static HttpRequest httpRequest(FieldReader from) throws IOException {
        String id = null;
        String tunnel = null;
        ByteBuffer payload = null;
        for (String field = from.next(); field != null; field = from.next()) {
            switch (field) {
                case "request_id" -> id = from.text();
                case "tunnel" -> tunnel = from.text();
                case "payload" -> payload = from.bytes();
                default -> from.skip();
            }
        }
        return new HttpRequest(required(id, "request_id"), tunnel, payload);
    }

    private static void write(HttpResponse message, JsonGenerator to) throws IOException {
        to.writeStringField("request_id", message.requestId());
        FieldWriter.bytes(to, "payload", message.payload());
    }

    private static HttpResponse httpResponse(FieldReader from) throws IOException {
        String id = null;
        ByteBuffer payload = null;
        for (String field = from.next(); field != null; field = from.next()) {
            switch (field) {
                case "request_id" -> id = from.text();
                case "payload" -> payload = from.bytes();
                default -> from.skip();
            }
        }
        return new HttpResponse(required(id, "request_id"), required(payload, "payload"));
    }

    private static void write(HttpCancel message, JsonGenerator to) throws IOException {
        to.writeStringField("request_id", message.requestId());
        to.writeStringField("code", message.code());
        to.writeStringField("reason", message.reason());
    }

    private static HttpCancel httpCancel(FieldReader from) throws IOException {
        String id = null;
        String code = null;
        String reason = null;
        for (String field = from.next(); field != null; field = from.next()) {
            switch (field) {
                case "request_id" -> id = from.text();
                case "code" -> code = from.text();
                case "reason" -> reason = from.text();
                default -> from.skip();
            }
        }
        return new HttpCancel(required(id, "request_id"), required(code, "code"), required(reason, "reason"));
    }

    private static void write(WebSocketUpgrade message, JsonGenerator to) throws IOException {
        to.writeStringField("connection_id", message.connectionId());
        to.writeStringField("tunnel", message.tunnel());
        FieldWriter.optional(to, "initial_request", message.initialRequest());
    }

    private static WebSocketUpgrade webSocketUpgrade(FieldReader from) throws IOException {
        String id = null;
        String tunnel = null;
        ByteBuffer initialRequest = null;
        for (String field = from.next(); field != null; field = from.next()) {
            switch (field) {
                case "connection_id" -> id = from.text();
                case "tunnel" -> tunnel = from.text();
                case "initial_request" -> initialRequest = from.bytes();
                default -> from.skip();
            }
        }
        return new WebSocketUpgrade(required(id, "connection_id"), required(tunnel, "tunnel"), initialRequest);
    }

    private static void write(WebSocketReady message, JsonGenerator to) throws IOException {
        to.writeStringField("connection_id", message.connectionId());
    }

    private static WebSocketReady webSocketReady(FieldReader from) throws IOException {
        String id = null;
        for (String field = from.next(); field != null; field = from.next()) {
            switch (field) {
                case "connection_id" -> id = from.text();
                default -> from.skip();
            }
        }
        return new WebSocketReady(required(id, "connection_id"));
    }

    private static void write(WebSocketFrame message, JsonGenerator to) throws IOException {
        to.writeStringField("connection_id", message.connectionId());
        to.writeStringField("direction", message.direction() == Direction.UP ? "up" : "down");
        FieldWriter.bytes(to, "data", message.data());
    }

    private static WebSocketFrame webSocketFrame(FieldReader from) throws IOException {
        String id = null;
        Direction direction = null;
        ByteBuffer data = null;
        for (String field = from.next(); field != null; field = from.next()) {
            switch (field) {
                case "connection_id" -> id = from.text();
                case "direction" -> direction = direction(from);
                case "data" -> data = from.bytes();
                default -> from.skip();
            }
        }
        return new WebSocketFrame(
                required(id, "connection_id"), required(direction, "direction"), required(data, "data"));
    }

    private static Direction direction(FieldReader from) throws IOException {
        return switch (from.text()) {
            case "up" -> Direction.UP;
            case "down" -> Direction.DOWN;
            default -> throw from.mistyped("'up' or 'down'");
        };
    }

    private static void write(WebSocketClose message, JsonGenerator to) throws IOException {
        to.writeStringField("connection_id", message.connectionId());
        to.writeStringField("code", message.code());
        to.writeStringField("reason", message.reason());
    }

    private static WebSocketClose webSocketClose(FieldReader from) throws IOException {
        String id = null;
        String code = null;
        String reason = null;
        for (String field = from.next(); field != null; field = from.next()) {
            switch (field) {
                case "connection_id" -> id = from.text();
                case "code" -> code = from.text();
                case "reason" -> reason = from.text();
                default -> from.skip();
            }
        }
        return new WebSocketClose(required(id, "connection_id"), required(code, "code"), required(reason, "reason"));
    }

    private static void write(Credit message, JsonGenerator to) throws IOException {
        to.writeStringField("stream_id", message.streamId());
        to.writeNumberField("bytes", message.bytes());
    }

    private static Credit credit(FieldReader from) throws IOException {
        String id = null;
        Long bytes = null;
        for (String field = from.next(); field != null; field = from.next()) {
            switch (field) {
                case "stream_id" -> id = from.text();
                case "bytes" -> bytes = from.number();
                default -> from.skip();
            }
        }
        return new Credit(required(id, "stream_id"), required(bytes, "bytes"));
    }

    private static void write(End message, JsonGenerator to) throws IOException {
        to.writeStringField("stream_id", message.streamId());
    }

    private static End end(FieldReader from) throws IOException {
        String id = null;
        for (String field = from.next(); field != null; field = from.next()) {
            switch (field) {
                case "stream_id" -> id = from.text();
                default -> from.skip();
            }
        }
        return new End(required(id, "stream_id"));
    }
}
