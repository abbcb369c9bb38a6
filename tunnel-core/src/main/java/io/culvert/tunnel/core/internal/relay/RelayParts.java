package io.culvert.tunnel.core.internal.relay;

import io.culvert.tunnel.Limit;
import io.culvert.tunnel.RelayOptions;
import io.culvert.tunnel.core.internal.CreditBudget;
import io.culvert.tunnel.core.internal.SafeMetrics;
import io.culvert.tunnel.core.internal.SerialExecutor;
import io.culvert.tunnel.core.internal.StreamBooks;
import io.culvert.tunnel.core.internal.Timing;
import io.culvert.tunnel.core.internal.TransportCatalog;
import io.culvert.tunnel.core.internal.codec.MessageCodec;

/**
 * What every part of one relay works with.
 *
 * @param options what the relay runs with
 * @param timing its time
 * @param metrics where measurements go
 * @param books which streams are open
 * @param budget for what agents may send before it is consumed
 * @param control where sessions and the registry are changed: one task at a time, so that they need no locks
 * @param catalog the transports that are allowed
 * @param codec for what comes in
 */
public record RelayParts(
        RelayOptions options,
        Timing timing,
        SafeMetrics metrics,
        StreamBooks books,
        CreditBudget budget,
        SerialExecutor control,
        TransportCatalog catalog,
        MessageCodec codec) {

    /** The parts of a new relay. */
    public static RelayParts of(RelayOptions options, Timing timing) {
        SafeMetrics metrics = new SafeMetrics(options.metrics());
        return new RelayParts(
                options,
                timing,
                metrics,
                new StreamBooks(metrics, timing.nanoTime()),
                CreditBudget.PROCESS.part(
                        options.limits().queuedBytes(), () -> metrics.limitReached(Limit.QUEUED_BYTES)),
                SerialExecutor.held(),
                TransportCatalog.load(options.transports(), options.providers()),
                new MessageCodec());
    }
}
