package io.culvert.tunnel.core.net;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** What a tunnel's protection looks at of a request. For the thread that asks. */
public interface VisitorRequest {
    /** Who asks: the peer, or whom the last trusted proxy names; empty if that cannot be told. */
    Optional<InetAddress> address();

    /** The values of {@code Authorization}. */
    List<String> authorization();

    /** The length of the body that the request announces; -1 if it does not. */
    long contentLength();
}
