package io.culvert.tunnel.core.internal.relay;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.core.net.OpenStream;
import java.util.concurrent.CompletableFuture;

/** One wish for a stream. */
final class Opening {
    final StreamKind kind;
    final long since;
    final CompletableFuture<OpenStream> result = new CompletableFuture<>();

    /** Whether it was launched a second time; touched by one launch after the other. */
    boolean again;

    Opening(StreamKind kind, long since) {
        this.kind = kind;
        this.since = since;
    }
}
