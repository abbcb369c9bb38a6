package io.culvert.tunnel.jetty.internal.io;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.util.IO;
import org.jspecify.annotations.Nullable;

/**
 * A dialler whose connections are {@link TunnelEndPoint}s, whoever dials through it. Stopping it also closes what was just being dialled,
 * which the selectors of a stopped dialler would forget.
 */
public final class TunnelClientConnector extends ClientConnector {
    /** How to close each channel that is not closed yet. */
    private final Map<SelectableChannel, Runnable> open = new ConcurrentHashMap<>();

    @Override
    protected void configure(SelectableChannel channel) throws IOException {
        super.configure(channel);
        open.put(channel, () -> IO.close(channel));
        if (!isRunning()) {
            open.remove(channel);
            throw new ClosedChannelException();
        }
    }

    @Override
    protected void connectFailed(
            @Nullable SelectableChannel channel,
            SocketAddress address,
            Throwable failure,
            Map<String, Object> context) {
        if (channel != null) {
            open.remove(channel);
        }
        super.connectFailed(channel, address, failure, context);
    }

    @Override
    protected EndPoint newEndPoint(SelectableChannel selectable, ManagedSelector selector, SelectionKey key) {
        if (!(selectable instanceof SocketChannel channel)) {
            return super.newEndPoint(selectable, selector, key);
        }
        TunnelEndPoint endPoint = new TunnelEndPoint(channel, selector, key, getScheduler());
        open.replace(channel, () -> endPoint.close(new EofException("the network was closed")));
        endPoint.onClosed(cause -> open.remove(channel));
        return endPoint;
    }

    @Override
    protected SelectorManager newSelectorManager() {
        SelectorLoops loops = new SelectorLoops();
        return new ClientSelectorManager(getExecutor(), getScheduler(), getSelectors()) {
            @Override
            protected ManagedSelector newSelector(int id) {
                return loops.add(this, id);
            }

            @Override
            protected void execute(Runnable task) {
                if (!loops.runSoon(task)) {
                    super.execute(task);
                }
            }
        };
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        open.values().forEach(Runnable::run);
        open.clear();
    }
}
