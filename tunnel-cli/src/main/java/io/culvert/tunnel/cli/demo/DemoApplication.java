package io.culvert.tunnel.cli.demo;

import io.culvert.tunnel.cli.application.LocalApplication;
import java.time.Duration;
import java.util.Map;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;

/** The demo's own application: a page, JSON, an upload, server-sent events and a WebSocket chat. */
final class DemoApplication {
    private static final int MAX_CHAT_MESSAGE = 128 * 1024;
    private static final int MAX_QUEUED_FRAMES = 256;

    private DemoApplication() {}

    /** Starts it. */
    static LocalApplication start() {
        return LocalApplication.start(
                "culvert-demo",
                Map.of(
                        "", new PageHandler(),
                        "/status", new StatusHandler(),
                        "/upload", new UploadHandler(),
                        "/events", new EventsHandler()),
                DemoApplication::chat);
    }

    private static void chat(ServerWebSocketContainer container) {
        ChatRoom room = new ChatRoom();
        container.setMaxTextMessageSize(MAX_CHAT_MESSAGE);
        container.setMaxOutgoingFrames(MAX_QUEUED_FRAMES);
        container.setIdleTimeout(Duration.ZERO); // people think between two lines
        container.addMapping("/chat", (request, response, callback) -> new ChatMember(room));
    }
}
