package io.culvert.tunnel.testkit.recording;

import io.culvert.tunnel.capture.CapturedExchange;
import io.culvert.tunnel.capture.CapturedMessage;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Recorded traffic in the messages of failures. */
final class Words {
    /** Newest exchanges and messages that a failure lists. */
    private static final int MAX_LISTED = 20;

    private static final int MAX_TEXT = 200;

    private Words() {}

    /** Which requests or messages a predicate means. */
    static String of(Predicate<?> which) {
        String words = which.toString();
        return words.contains("$$Lambda") ? "the test's own predicate" : words;
    }

    /** A predicate that says what it means. */
    static <T> Predicate<T> said(String words, Predicate<T> which) {
        return new Predicate<>() {
            @Override
            public boolean test(T what) {
                return which.test(what);
            }

            @Override
            public String toString() {
                return words;
            }
        };
    }

    static String of(CapturedExchange exchange) {
        String answer = exchange.response()
                .map(head -> head.status() + ", " + exchange.responseBytes() + " bytes")
                .orElse("no answer");
        String request = exchange.requestTime().isPresent()
                ? ""
                : " (request not whole after " + exchange.requestBytes() + " bytes of its body)";
        String messages = exchange.messageCount() == 0 ? "" : ", " + exchange.messageCount() + " messages";
        return exchange.request().method() + " " + shortened(exchange.request().target()) + request + " -> " + answer
                + messages + ", " + exchange.state()
                + exchange.problem().map(why -> ": " + why).orElse("");
    }

    static String seen(List<CapturedExchange> exchanges) {
        return list("Seen", exchanges.stream().map(Words::of).toList());
    }

    static String seenMessages(List<CapturedExchange> exchanges) {
        List<String> messages = exchanges.stream()
                .flatMap(exchange -> exchange.messages().stream())
                .map(Words::of)
                .toList();
        return list("Messages seen", messages) + (messages.isEmpty() ? " " + seen(exchanges) : "");
    }

    private static String of(CapturedMessage message) {
        boolean hasText = message.kind() != CapturedMessage.Kind.BINARY;
        return message.direction() + " " + message.kind() + " "
                + (hasText ? "'" + shortened(message.text()) + "'" : message.size() + " bytes");
    }

    private static String list(String what, List<String> all) {
        List<String> newest = all.subList(Math.max(0, all.size() - MAX_LISTED), all.size());
        String more = newest.size() < all.size() ? " (the newest " + newest.size() + " of " + all.size() + ")" : "";
        return all.isEmpty()
                ? what + ": nothing."
                : what + more + ":" + newest.stream().collect(Collectors.joining("\n  ", "\n  ", ""));
    }

    private static String shortened(String text) {
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "…";
    }
}
