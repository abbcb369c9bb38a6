package io.culvert.tunnel.cli.probe;

import java.nio.ByteBuffer;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;

/** A WebSocket that says what it hears. Public because Jetty calls it. */
public final class EchoEndpoint extends Session.Listener.AbstractAutoDemanding {
    EchoEndpoint() {}

    @Override
    public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
        getSession().sendBinary(payload, callback);
    }
}
