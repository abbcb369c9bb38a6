package io.culvert.tunnel.cli.demo;

import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.api.StatusCode;

/** One WebSocket in the chat. Public because Jetty calls it. */
public final class ChatMember extends Session.Listener.AbstractAutoDemanding {
    private final ChatRoom room;

    ChatMember(ChatRoom room) {
        this.room = room;
    }

    @Override
    public void onWebSocketOpen(Session session) {
        super.onWebSocketOpen(session);
        if (!room.join(this)) {
            session.close(StatusCode.TRY_AGAIN_LATER, "The room is full.", Callback.NOOP);
        }
    }

    @Override
    public void onWebSocketText(String message) {
        room.say(message);
    }

    @Override
    public void onWebSocketClose(int code, String reason, Callback callback) {
        room.leave(this);
        callback.succeed();
    }

    @Override
    public void onWebSocketError(Throwable cause) {
        room.leave(this); // the close that follows brings nothing new
    }

    /** Sends what was said. One who does not keep up with the others is let go. */
    void hear(String message) {
        Session session = getSession();
        session.sendText(message, Callback.from(() -> {}, failure -> {
            room.leave(this);
            session.disconnect();
        }));
    }
}
