package io.culvert.tunnel.core.memory;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.internal.stream.RecentIds;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.message.TunnelMessage.HttpCancel;
import io.culvert.tunnel.message.TunnelMessage.WebSocketClose;
import io.culvert.tunnel.spi.StreamException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The streams of one half. Thread-safe. */
final class OpenStreams {
    private final Map<String, MemoryStream> streams = new ConcurrentHashMap<>();
    private final RecentIds recent = new RecentIds(System::nanoTime);

    void add(MemoryStream stream) {
        streams.put(stream.id(), stream);
        stream.whenOver(() -> {
            gone(stream.id());
            streams.remove(stream.id());
        });
    }

    /** The stream ended, or did not come to be: messages for it may still be under way. */
    void gone(String id) {
        recent.add(id);
    }

    /** Resets the stream that the peer gave up; returns whether there is one, or was a short while ago. */
    boolean reset(String id, String code, String reason) {
        Optional<MemoryStream> stream = Optional.ofNullable(streams.get(id));
        stream.ifPresent(open -> open.reset(new StreamException(TunnelError.ofCode(code), reason)));
        return stream.isPresent() || recent.contains(id);
    }

    void resetAll(TunnelError error, String why) {
        List.copyOf(streams.values()).forEach(stream -> stream.reset(new StreamException(error, why)));
    }

    /** The message that gives a stream up. */
    static TunnelMessage giveUp(StreamKind kind, String id, TunnelError error, String reason) {
        return kind == StreamKind.HTTP
                ? new HttpCancel(id, error.code(), reason)
                : new WebSocketClose(id, error.code(), reason);
    }
}
