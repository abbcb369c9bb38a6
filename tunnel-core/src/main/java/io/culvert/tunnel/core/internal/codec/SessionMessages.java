package io.culvert.tunnel.core.internal.codec;

import static io.culvert.tunnel.core.internal.codec.FieldReader.required;

import com.fasterxml.jackson.core.JsonGenerator;
import io.culvert.tunnel.message.TunnelMessage.Drain;
import io.culvert.tunnel.message.TunnelMessage.Drained;
import io.culvert.tunnel.message.TunnelMessage.Expose;
import io.culvert.tunnel.message.TunnelMessage.Exposed;
import io.culvert.tunnel.message.TunnelMessage.Grant;
import io.culvert.tunnel.message.TunnelMessage.Limits;
import io.culvert.tunnel.message.TunnelMessage.Ping;
import io.culvert.tunnel.message.TunnelMessage.Pong;
import io.culvert.tunnel.message.TunnelMessage.Refused;
import io.culvert.tunnel.message.TunnelMessage.Register;
import io.culvert.tunnel.message.TunnelMessage.Registered;
import io.culvert.tunnel.message.TunnelMessage.Slots;
import io.culvert.tunnel.message.TunnelMessage.Wish;
import io.culvert.tunnel.message.TunnelMessage.Withdraw;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** The messages about a session and its tunnels: one writer and one reader for each record. */
final class SessionMessages {
    private SessionMessages() {}

    static List<Handler<?>> handlers() {
        return List.of(
                new Handler<>(Register.class, SessionMessages::write, SessionMessages::register),
                new Handler<>(Registered.class, SessionMessages::write, SessionMessages::registered),
                new Handler<>(Refused.class, SessionMessages::write, SessionMessages::refused),
                new Handler<>(
                        Expose.class,
                        (message, to) -> FieldWriter.object(to, "tunnel", message.tunnel(), TunnelFields::write),
                        SessionMessages::expose),
                new Handler<>(
                        Exposed.class,
                        (message, to) -> FieldWriter.object(to, "tunnel", message.tunnel(), TunnelFields::write),
                        SessionMessages::exposed),
                new Handler<>(Withdraw.class, SessionMessages::write, SessionMessages::withdraw),
                new Handler<>(
                        Slots.class,
                        (message, to) -> FieldWriter.texts(to, "connection_ids", message.connectionIds()),
                        SessionMessages::slots),
                new Handler<>(
                        Ping.class,
                        (message, to) -> to.writeNumberField("nonce", message.nonce()),
                        from -> new Ping(nonce(from))),
                new Handler<>(
                        Pong.class,
                        (message, to) -> to.writeNumberField("nonce", message.nonce()),
                        from -> new Pong(nonce(from))),
                new Handler<>(Drain.class, SessionMessages::write, SessionMessages::drain),
                new Handler<>(Drained.class, SessionMessages::write, SessionMessages::drained));
    }

    private static void write(Register message, JsonGenerator to) throws IOException {
        to.writeNumberField("version", message.version());
        to.writeStringField("agent_id", message.agentId());
        FieldWriter.objects(to, "tunnels", message.tunnels(), TunnelFields::write);
        FieldWriter.texts(to, "transports", message.transports());
        to.writeNumberField("credit", message.credit());
    }

    private static Register register(FieldReader from) throws IOException {
        Integer version = null;
        String agentId = null;
        List<Wish> tunnels = null;
        List<String> transports = null;
        Integer credit = null;
        for (String field = from.next(); field != null; field = from.next()) {
            switch (field) {
                case "version" -> version = from.integer();
                case "agent_id" -> agentId = from.text();
                case "tunnels" -> tunnels = from.list(element -> element.object(TunnelFields::wish));
                case "transports" -> transports = from.texts();
                case "credit" -> credit = from.integer();
                default -> from.skip();
            }
        }
        return new Register(
                required(version, "version"),
                required(agentId, "agent_id"),
                required(tunnels, "tunnels"),
                required(transports, "transports"),
                required(credit, "credit"));
    }

    private static void write(Registered message, JsonGenerator to) throws IOException {
        to.writeStringField("session", message.session());
        to.writeStringField("data_secret", message.dataSecret());
        FieldWriter.objects(to, "tunnels", message.tunnels(), TunnelFields::write);
        to.writeStringField("transport", message.transport());
        FieldWriter.map(to, "parameters", message.parameters());
        FieldWriter.object(to, "limits", message.limits(), SessionMessages::write);
    }

    private static Registered registered(FieldReader from) throws IOException {
        String session = null;
        String dataSecret = null;
        List<Grant> tunnels = null;
        String transport = null;
        Map<String, String> parameters = null;
        Limits limits = null;
        for (String field = from.next(); field != null; field = from.next()) {
            switch (field) {
                case "session" -> session = from.text();
                case "data_secret" -> dataSecret = from.text();
                case "tunnels" -> tunnels = from.list(element -> element.object(TunnelFields::grant));
                case "transport" -> transport = from.text();
                case "parameters" -> parameters = from.map();
                case "limits" -> limits = from.object(SessionMessages::limits);
                default -> from.skip();
            }
        }
        return new Registered(
                required(session, "session"),
                required(dataSecret, "data_secret"),
                required(tunnels, "tunnels"),
                required(transport, "transport"),
                required(parameters, "parameters"),
                required(limits, "limits"));
    }

    private static void write(Refused message, JsonGenerator to) throws IOException {
        to.writeStringField("code", message.code());
        to.writeStringField("message", message.message());
        to.writeBooleanField("retryable", message.retryable());
    }

    private static Refused refused(FieldReader from) throws IOException {
        String code = null;
        String message = null;
        Boolean retryable = null;
        for (String field = from.next(); field != null; field = from.next()) {
            switch (field) {
                case "code" -> code = from.text();
                case "message" -> message = from.text();
                case "retryable" -> retryable = from.flag();
                default -> from.skip();
            }
        }
        return new Refused(required(code, "code"), required(message, "message"), required(retryable, "retryable"));
    }

    private static Expose expose(FieldReader from) throws IOException {
        Wish tunnel = null;
        for (String field = from.next(); field != null; field = from.next()) {
            switch (field) {
                case "tunnel" -> tunnel = from.object(TunnelFields::wish);
                default -> from.skip();
            }
        }
        return new Expose(required(tunnel, "tunnel"));
    }

    private static Exposed exposed(FieldReader from) throws IOException {
        Grant tunnel = null;
        for (String field = from.next(); field != null; field = from.next()) {
            switch (field) {
                case "tunnel" -> tunnel = from.object(TunnelFields::grant);
                default -> from.skip();
            }
        }
        return new Exposed(required(tunnel, "tunnel"));
    }

    private static void write(Withdraw message, JsonGenerator to) throws IOException {
        to.writeStringField("tunnel", message.tunnel());
        if (message.deadlineMillis() != null) {
            to.writeNumberField("deadline_millis", message.deadlineMillis());
        }
    }

    private static Withdraw withdraw(FieldReader from) throws IOException {
        String tunnel = null;
        Long deadline = null;
        for (String field = from.next(); field != null; field = from.next()) {
            switch (field) {
                case "tunnel" -> tunnel = from.text();
                case "deadline_millis" -> deadline = from.number();
                default -> from.skip();
            }
        }
        return new Withdraw(required(tunnel, "tunnel"), deadline);
    }

    private static Slots slots(FieldReader from) throws IOException {
        List<String> ids = null;
        for (String field = from.next(); field != null; field = from.next()) {
            switch (field) {
                case "connection_ids" -> ids = from.texts();
                default -> from.skip();
            }
        }
        return new Slots(required(ids, "connection_ids"));
    }

    private static long nonce(FieldReader from) throws IOException {
        Long nonce = null;
        for (String field = from.next(); field != null; field = from.next()) {
            switch (field) {
                case "nonce" -> nonce = from.number();
                default -> from.skip();
            }
        }
        return required(nonce, "nonce");
    }

    private static void write(Drain message, JsonGenerator to) throws IOException {
        to.writeNumberField("deadline_millis", message.deadlineMillis());
        to.writeStringField("code", message.code());
    }

    private static Drain drain(FieldReader from) throws IOException {
        Long deadline = null;
        String code = null;
        for (String field = from.next(); field != null; field = from.next()) {
            switch (field) {
                case "deadline_millis" -> deadline = from.number();
                case "code" -> code = from.text();
                default -> from.skip();
            }
        }
        return new Drain(required(deadline, "deadline_millis"), required(code, "code"));
    }

    private static void write(Drained message, JsonGenerator to) {}

    private static Drained drained(FieldReader from) throws IOException {
        for (String field = from.next(); field != null; field = from.next()) {
            from.skip();
        }
        return new Drained();
    }

    private static void write(Limits limits, JsonGenerator to) throws IOException {
        to.writeNumberField("credit", limits.credit());
        to.writeNumberField("ping_millis", limits.pingMillis());
        to.writeNumberField("grace_millis", limits.graceMillis());
    }

    private static Limits limits(FieldReader from) throws IOException {
        Integer credit = null;
        Long ping = null;
        Long grace = null;
        for (String field = from.next(); field != null; field = from.next()) {
            switch (field) {
                case "credit" -> credit = from.integer();
                case "ping_millis" -> ping = from.number();
                case "grace_millis" -> grace = from.number();
                default -> from.skip();
            }
        }
        return new Limits(required(credit, "credit"), required(ping, "ping_millis"), required(grace, "grace_millis"));
    }
}
