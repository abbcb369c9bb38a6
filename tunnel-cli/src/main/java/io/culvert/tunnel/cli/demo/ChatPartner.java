package io.culvert.tunnel.cli.demo;

import static io.culvert.tunnel.cli.demo.Visitor.require;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A member of the chat at the visitor's side of the tunnel. {@link #join} and the methods after it are for one thread. */
final class ChatPartner implements WebSocket.Listener {
    private static final long PATIENCE_SECONDS = 10;

    private final String name;
    /** Filled by the client's thread, no faster than the application sends. */
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    /** Done when the room told how many are in it, and so has this one as a member. */
    private final CompletableFuture<Void> present = new CompletableFuture<>();

    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final AtomicLong heard = new AtomicLong();
    /** Used by the client's thread alone. */
    private final StringBuilder parts = new StringBuilder();

    private WebSocket socket;
    private long sent;

    private ChatPartner(String name) {
        this.name = name;
    }

    static ChatPartner join(HttpClient client, URI room, String name) {
        ChatPartner partner = new ChatPartner(name);
        partner.socket = client.newWebSocketBuilder().buildAsync(room, partner).join();
        partner.present.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
        return partner;
    }

    /** Says something, and returns the line as everyone should hear it. */
    String say(String text) {
        String line = "{\"from\":\"" + name + "\",\"text\":\"" + text + "\"}";
        socket.sendText(line, true).join();
        sent += line.length();
        return line;
    }

    /** Waits for the next line, which must be the given one. */
    void expect(String line) throws InterruptedException {
        String next = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        require(next != null, "%s heard nothing for %d s", name, PATIENCE_SECONDS);
        require(line.equals(next), "%s heard another line than was said", name);
    }

    /** Closes the WebSocket and returns the code that came back. */
    int leave() {
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "goodbye").join();
        return closed.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    }

    /** Characters said, all of them one byte. */
    long sent() {
        return sent;
    }

    /** Characters heard, all of them one byte. */
    long heard() {
        return heard.get();
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
        parts.append(part);
        if (last) {
            heard.addAndGet(parts.length());
            if (parts.indexOf("{\"from\":") == 0) {
                lines.add(parts.toString());
            } else {
                present.complete(null);
            }
            parts.setLength(0);
        }
        from.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        present.completeExceptionally(new IOException("the chat closed the WebSocket with " + code + " " + reason));
        closed.complete(code);
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable failure) {
        present.completeExceptionally(failure);
        closed.completeExceptionally(failure);
    }
}
