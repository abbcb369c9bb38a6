package io.culvert.tunnel.jetty.internal.io;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
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
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * A dialler whose connections are {@link TunnelEndPoint}s, whoever dials through it. Stopping it also closes what was just being dialled,
 * which the selectors of a stopped dialler would forget.
 */
public final class TunnelClientConnector extends ClientConnector {
    /** How to close each channel that is not closed yet. */
    private final Map<SelectableChannel, Runnable> open = new ConcurrentHashMap<>();

    private final Deadlines deadlines;

    /** A dialler that has not started. */
    public TunnelClientConnector(Scheduler scheduler) {
        setScheduler(scheduler);
        deadlines = new Deadlines(scheduler);
    }

    /** How long dials may take. */
    public Deadlines deadlines() {
        return deadlines;
    }

    /** No options about the own address: it is the system that chooses one. */
    @Override
    protected void configure(SelectableChannel channel) throws IOException {
        if (channel instanceof SocketChannel socket) {
            socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
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
    protected void acceptFailed(Throwable failure, SelectableChannel channel, Map<String, Object> context) {
        open.remove(channel);
        super.acceptFailed(failure, channel, context);
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

            /** On this machine a connection stands at once, though the system says that it is on its way: waiting costs more than asking. */
            @Override
            public void connect(SelectableChannel channel, Object attachment) {
                boolean connected;
                try {
                    connected = channel instanceof SocketChannel socket
                            && TunnelEndPoint.isLocal(socket)
                            && socket.finishConnect();
                } catch (IOException x) {
                    connectionFailed(channel, x, attachment);
                    return;
                }
                if (connected) {
                    connectionSucceeded(channel);
                    accept(channel, attachment);
                } else {
                    super.connect(channel, attachment);
                }
            }
        };
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        deadlines.stop();
        open.values().forEach(Runnable::run);
        open.clear();
    }
}
