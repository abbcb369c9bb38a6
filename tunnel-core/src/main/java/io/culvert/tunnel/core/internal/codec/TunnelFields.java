package io.culvert.tunnel.core.internal.codec;

import static io.culvert.tunnel.core.internal.codec.FieldReader.required;

import com.fasterxml.jackson.core.JsonGenerator;
import io.culvert.tunnel.message.TunnelMessage.Allowance;
import io.culvert.tunnel.message.TunnelMessage.Grant;
import io.culvert.tunnel.message.TunnelMessage.Login;
import io.culvert.tunnel.message.TunnelMessage.Protection;
import io.culvert.tunnel.message.TunnelMessage.Wish;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What messages say about one tunnel: wishes with their protection, and grants. */
final class TunnelFields {
    private TunnelFields() {}

    static void write(Wish wish, JsonGenerator to) throws IOException {
        to.writeStringField("ref", wish.ref());
        FieldWriter.optional(to, "name", wish.name());
        FieldWriter.optional(to, "host", wish.host());
        if (wish.port() != null) {
            to.writeNumberField("port", wish.port());
        }
        FieldWriter.optional(to, "host_header", wish.hostHeader());
        if (wish.protection() != null) {
            FieldWriter.object(to, "protection", wish.protection(), TunnelFields::write);
        }
    }

    static Wish wish(FieldReader from) throws IOException {
        String ref = null;
        String name = null;
        String host = null;
        Integer port = null;
        String hostHeader = null;
        Protection protection = null;
        for (String field = from.next(); field != null; field = from.next()) {
            switch (field) {
                case "ref" -> ref = from.text();
                case "name" -> name = from.text();
                case "host" -> host = from.text();
                case "port" -> port = from.integer();
                case "host_header" -> hostHeader = from.text();
                case "protection" -> protection = from.object(TunnelFields::protection);
                default -> from.skip();
            }
        }
        return new Wish(required(ref, "ref"), name, host, port, hostHeader, protection);
    }

    private static void write(Protection protection, JsonGenerator to) throws IOException {
        FieldWriter.objects(to, "logins", protection.logins(), TunnelFields::write);
        FieldWriter.texts(to, "allow", protection.allow());
        FieldWriter.texts(to, "deny", protection.deny());
        allowance(to, "requests", protection.requests());
        allowance(to, "requests_per_visitor", protection.requestsPerVisitor());
        if (protection.concurrentRequests() != null) {
            to.writeNumberField("concurrent_requests", protection.concurrentRequests());
        }
        if (protection.bodyBytes() != null) {
            to.writeNumberField("body_bytes", protection.bodyBytes());
        }
    }

    private static void allowance(JsonGenerator to, String field, @Nullable Allowance value) throws IOException {
        if (value != null) {
            FieldWriter.object(to, field, value, TunnelFields::write);
        }
    }

    /** What is left out does not protect; so a list of another type must not pass for one. */
    private static Protection protection(FieldReader from) throws IOException {
        List<Login> logins = List.of();
        List<String> allow = List.of();
        List<String> deny = List.of();
        Allowance requests = null;
        Allowance requestsPerVisitor = null;
        Integer concurrentRequests = null;
        Long bodyBytes = null;
        for (String field = from.next(); field != null; field = from.next()) {
            switch (field) {
                case "logins" -> logins = from.list(element -> element.object(TunnelFields::login));
                case "allow" -> allow = from.texts();
                case "deny" -> deny = from.texts();
                case "requests" -> requests = from.object(TunnelFields::allowance);
                case "requests_per_visitor" -> requestsPerVisitor = from.object(TunnelFields::allowance);
                case "concurrent_requests" -> concurrentRequests = from.integer();
                case "body_bytes" -> bodyBytes = from.number();
                default ->
                    throw new MalformedMessageException(
                            "This relay does not know the protection '" + FieldReader.quoted(field) + "'.");
            }
        }
        return new Protection(logins, allow, deny, requests, requestsPerVisitor, concurrentRequests, bodyBytes);
    }

    private static void write(Login login, JsonGenerator to) throws IOException {
        to.writeStringField("salt", login.salt());
        to.writeStringField("hash", login.hash());
    }

    private static Login login(FieldReader from) throws IOException {
        String salt = null;
        String hash = null;
        for (String field = from.next(); field != null; field = from.next()) {
            switch (field) {
                case "salt" -> salt = from.text();
                case "hash" -> hash = from.text();
                default -> from.skip();
            }
        }
        return new Login(required(salt, "salt"), required(hash, "hash"));
    }

    private static void write(Allowance allowance, JsonGenerator to) throws IOException {
        to.writeNumberField("count", allowance.count());
        to.writeNumberField("per_millis", allowance.perMillis());
    }

    private static Allowance allowance(FieldReader from) throws IOException {
        Integer count = null;
        Long perMillis = null;
        for (String field = from.next(); field != null; field = from.next()) {
            switch (field) {
                case "count" -> count = from.integer();
                case "per_millis" -> perMillis = from.number();
                default -> from.skip();
            }
        }
        return new Allowance(required(count, "count"), required(perMillis, "per_millis"));
    }

    static void write(Grant grant, JsonGenerator to) throws IOException {
        to.writeStringField("ref", grant.ref());
        FieldWriter.optional(to, "name", grant.name());
        FieldWriter.optional(to, "url", grant.url());
        FieldWriter.optional(to, "code", grant.code());
        FieldWriter.optional(to, "message", grant.message());
        if (grant.isProtected()) {
            to.writeBooleanField("protected", true);
        }
    }

    static Grant grant(FieldReader from) throws IOException {
        String ref = null;
        String name = null;
        String url = null;
        String code = null;
        String message = null;
        boolean isProtected = false;
        for (String field = from.next(); field != null; field = from.next()) {
            switch (field) {
                case "ref" -> ref = from.text();
                case "name" -> name = from.text();
                case "url" -> url = from.text();
                case "code" -> code = from.text();
                case "message" -> message = from.text();
                case "protected" -> isProtected = from.flag();
                default -> from.skip();
            }
        }
        return new Grant(required(ref, "ref"), name, url, code, message, isProtected);
    }
}
