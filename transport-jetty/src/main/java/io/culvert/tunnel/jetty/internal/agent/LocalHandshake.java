package io.culvert.tunnel.jetty.internal.agent;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.io.ssl.SslConnection.SslEndPoint;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable;
import org.jspecify.annotations.Nullable;

/** Sets TLS up with a local service before anything is carried, so that a service which is not who it should be is never joined. */
final class LocalHandshake extends AbstractConnection.NonBlocking {
    private final Consumer<LocalSocket> onDone;
    private final Consumer<Throwable> onFailure;
    private final ClientConnector connector;

    /** Set within a read or a write. */
    private volatile boolean succeeded;

    /** Set before the connection closes for it, which by itself says less. */
    private volatile @Nullable Throwable reason;

    private boolean over; // guarded by this

    /**
     * A handshake that has not begun.
     *
     * @param result of the whole dial, whose failure ends the connection
     */
    LocalHandshake(
            EndPoint endPoint,
            ClientConnector connector,
            CompletableFuture<?> result,
            Consumer<LocalSocket> onDone,
            Consumer<Throwable> onFailure) {
        super(endPoint, connector.getExecutor());
        this.connector = connector;
        this.onDone = onDone;
        this.onFailure = onFailure;
        ((SslEndPoint) endPoint).getSslConnection().addHandshakeListener(new SslHandshakeListener() {
            @Override
            public void handshakeSucceeded(Event event) {
                succeeded = true;
            }

            @Override
            public void handshakeFailed(Event event, Throwable failure) {
                reason = failure;
            }
        });
        result.whenComplete((connection, failure) -> {
            if (failure != null) {
                endPoint.close(failure);
            }
        });
    }

    /** Writing nothing begins the handshake; reading nothing goes on with it. */
    @Override
    public void onOpen() {
        super.onOpen();
        Callback begun =
                Callback.from(Invocable.InvocationType.NON_BLOCKING, this::onFillable, this::onFillInterestedFailed);
        getEndPoint().write(begun, BufferUtil.EMPTY_BUFFER);
    }

    @Override
    public void onFillable() {
        try {
            int filled = succeeded ? 0 : getEndPoint().fill(BufferUtil.EMPTY_BUFFER);
            if (succeeded) {
                done();
            } else if (filled < 0) {
                throw new EofException("it closed the connection during the TLS handshake");
            } else {
                fillInterested();
            }
        } catch (IOException x) {
            failed(x);
        }
    }

    private void done() {
        if (finish()) {
            LocalSocket socket = new LocalSocket(getEndPoint(), connector);
            getEndPoint().upgrade(socket);
            onDone.accept(socket);
        }
    }

    private void failed(Throwable cause) {
        if (finish()) {
            Throwable known = reason;
            onFailure.accept(known != null ? known : cause);
        }
    }

    private synchronized boolean finish() {
        boolean first = !over;
        over = true;
        return first;
    }

    @Override
    public void onFillInterestedFailed(Throwable cause) {
        failed(cause);
    }

    @Override
    public void onClose(@Nullable Throwable cause) {
        super.onClose(cause);
        failed(cause != null ? cause : new EofException("it closed the connection during the TLS handshake"));
    }
}
