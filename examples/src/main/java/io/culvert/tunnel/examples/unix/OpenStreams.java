package io.culvert.tunnel.examples.unix;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.message.TunnelMessage.HttpCancel;
import io.culvert.tunnel.message.TunnelMessage.WebSocketClose;
import io.culvert.tunnel.spi.StreamException;
import io.culvert.tunnel.spi.TransportContext;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The streams of one half by id. The reason of a reset travels on the control channel while the socket breaks, in any order; so it
 * also knows which ids were open lately, for which a message is no fault of the peer. Thread-safe.
 */
final class OpenStreams {
    private static final int REMEMBERED = 4096;

    private final TransportContext context;
    private final Map<String, UnixStream> open = new ConcurrentHashMap<>();
    private final Set<String> recent = Collections.synchronizedSet(Collections.newSetFromMap(new Recent()));

    OpenStreams(TransportContext context) {
        this.context = context;
    }

    private static final class Recent extends LinkedHashMap<String, Boolean> {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    }

    /** Keeps a stream until it is over. */
    void add(UnixStream stream) {
        open.put(stream.id(), stream);
        stream.onClosed(cause -> forget(stream.id()));
    }

    /** No stream with that id is open any more, or came to be. */
    void forget(String id) {
        recent.add(id);
        open.remove(id);
    }

    /** The peer reset a stream and says why. What is seen first, the message or the broken socket, is the same kind of error. */
    void resetByPeer(String id, String code, String reason) {
        UnixStream stream = open.get(id);
        if (stream != null) {
            stream.failedByPeer(new StreamException(TunnelError.RESET, "The peer said " + code + ": " + reason));
        } else {
            stray(id);
        }
    }

    /** A message for a stream that is not open. */
    void stray(String id) {
        if (!recent.contains(id)) {
            context.strayMessage(id);
        }
    }

    /** Tells the peer that a stream was reset, or could not open. */
    void tellPeer(StreamKind kind, String id, StreamException why) {
        String code = why.error().code();
        String reason = String.valueOf(why.getMessage());
        TunnelMessage message =
                kind == StreamKind.HTTP ? new HttpCancel(id, code, reason) : new WebSocketClose(id, code, reason);
        context.control().send(message);
    }
}
