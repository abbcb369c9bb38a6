package io.culvert.tunnel.jetty.internal.proxy;

import io.culvert.tunnel.Limit;
import io.culvert.tunnel.RelayTimeouts;
import java.net.InetAddress;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * What all exchanges of one relay share.
 *
 * @param refusals answers visitors whose request cannot be carried
 * @param activity counts what is going on
 * @param timeouts how long the phases of an exchange may take
 * @param halfClosing whether visitors may end their direction and wait for the answer
 * @param trusted the proxies whose forwarding fields are believed
 * @param reached told of limits that were reached
 */
record ProxyContext(
        Executor executor,
        Scheduler scheduler,
        ByteBufferPool buffers,
        Refusals refusals,
        Activity activity,
        RelayTimeouts timeouts,
        boolean halfClosing,
        Predicate<InetAddress> trusted,
        Consumer<Limit> reached) {}
