package io.culvert.tunnel.core.internal.agent;

import io.culvert.tunnel.AgentOptions;
import io.culvert.tunnel.core.internal.SafeMetrics;
import io.culvert.tunnel.core.internal.StreamBooks;
import io.culvert.tunnel.core.internal.Timing;
import io.culvert.tunnel.core.internal.TransportCatalog;
import io.culvert.tunnel.core.internal.codec.MessageCodec;
import io.culvert.tunnel.core.net.AgentNetwork;
import java.util.Optional;

/**
 * What every part of one agent works with.
 *
 * @param options what the agent runs with
 * @param config which relay
 * @param catalog the transports to offer
 * @param timing its time
 * @param network its network stack
 * @param metrics where measurements go
 * @param books which streams are open
 * @param codec for messages
 * @param tee copies what passes, if someone wants to see it
 */
record AgentParts(
        AgentOptions options,
        AgentConfig config,
        TransportCatalog catalog,
        Timing timing,
        AgentNetwork network,
        SafeMetrics metrics,
        StreamBooks books,
        MessageCodec codec,
        Optional<CaptureTee> tee) {}
