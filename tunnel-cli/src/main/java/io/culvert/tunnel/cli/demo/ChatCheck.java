package io.culvert.tunnel.cli.demo;

import static io.culvert.tunnel.cli.demo.Visitor.require;

import java.net.URI;
import java.net.http.HttpClient;
import java.util.concurrent.Callable;

/** Two members talk in the chat: both hear every line, short and long, and say goodbye properly. */
record ChatCheck(HttpClient client, URI base) implements Callable<Visitor.Finding> {
    private static final int SHORT_LINES = 20;
    private static final int LONG_LINE = 100_000;

    @Override
    public Visitor.Finding call() throws Exception {
        URI room = URI.create("ws" + base.resolve("/chat").toString().substring("http".length()));
        ChatPartner first = ChatPartner.join(client, room, "first");
        ChatPartner second = ChatPartner.join(client, room, "second");
        for (int i = 1; i <= SHORT_LINES; i++) {
            exchange(first, second, "line " + i);
            exchange(second, first, "answer " + i);
        }
        exchange(first, second, "x".repeat(LONG_LINE));
        int firstCode = first.leave();
        int secondCode = second.leave();
        require(firstCode == 1000 && secondCode == 1000, "closed with %d and %d", firstCode, secondCode);
        return new Visitor.Finding(
                first.sent() + second.sent(),
                first.heard() + second.heard(),
                "2 members, " + (2 * SHORT_LINES + 1) + " lines heard by both, closed with 1000");
    }

    private static void exchange(ChatPartner speaker, ChatPartner listener, String text) throws InterruptedException {
        String line = speaker.say(text);
        listener.expect(line);
        speaker.expect(line);
    }
}
