package io.culvert.tunnel.jetty.internal.proxy;

import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.util.Callback;

/** Sends a request without a body. */
final class HeadSender implements Callback {
    private final Exchange exchange;
    private final UpstreamConnection connection;
    private final RetainableByteBuffer head;

    HeadSender(Exchange exchange, UpstreamConnection connection, RetainableByteBuffer head) {
        this.exchange = exchange;
        this.connection = connection;
        this.head = head;
    }

    void send() {
        connection.startClock();
        connection.write(this, head.getByteBuffer());
    }

    @Override
    public InvocationType getInvocationType() {
        return InvocationType.NON_BLOCKING;
    }

    @Override
    public void succeeded() {
        head.release();
        exchange.requestOver(connection, true);
    }

    @Override
    public void failed(Throwable cause) {
        head.release();
        exchange.requestNotWritten(connection, cause);
        exchange.requestOver(connection, true);
    }
}
