package io.culvert.tunnel.examples.unix;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** One daemon thread that waits for the sockets of one half of the transport, and for nothing else. */
final class SocketLoop implements AutoCloseable {
    private final Selector selector;
    private final Set<Handler> handlers = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    SocketLoop(String name) {
        try {
            selector = Selector.open();
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
        Thread thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Hears that a channel became ready. Called on the loop's thread; must not block. */
    interface Handler {
        /**
         * The channel is ready for what was {@linkplain Registration#want wanted}, which is wanted no more from now on.
         *
         * @param ops bits of {@link SelectionKey}
         */
        void ready(int ops);

        /** The loop was closed, and the channel with it. */
        void aborted();
    }

    /** One channel's place in the loop. May be used from any thread. */
    final class Registration {
        private final SelectionKey key;
        private final Handler handler;

        private Registration(SelectionKey key, Handler handler) {
            this.key = key;
            this.handler = handler;
        }

        /**
         * Asks to be told once when the channel is ready.
         *
         * @return false if the channel is closed
         */
        boolean want(int ops) {
            try {
                key.interestOpsOr(ops);
            } catch (CancelledKeyException | ClosedSelectorException x) {
                return false;
            }
            selector.wakeup();
            return true;
        }

        /** Closes the channel. A read or write in another thread has ended when this returns. */
        void close() throws IOException {
            handlers.remove(handler);
            key.channel().close();
            selector.wakeup(); // the selector holds the descriptor until it has seen the cancelled key
        }

        /** Gives the channel up to another handler, which will {@link SocketLoop#add add} it. */
        void release() {
            handlers.remove(handler);
        }
    }

    /** Takes a channel in; it becomes non-blocking. */
    Registration add(SelectableChannel channel, Handler handler) throws IOException {
        channel.configureBlocking(false);
        handlers.add(handler);
        try {
            Registration registration = new Registration(channel.register(selector, 0, handler), handler);
            if (!closed) {
                return registration;
            }
        } catch (ClosedSelectorException x) {
            // as below
        }
        handlers.remove(handler);
        throw new IOException("The transport is closed.");
    }

    private void run() {
        try {
            while (selector.isOpen()) {
                selector.select(this::dispatch);
            }
        } catch (ClosedSelectorException x) {
            return; // closed between two selects
        } catch (IOException x) {
            close();
            throw new UncheckedIOException(x);
        }
    }

    private void dispatch(SelectionKey key) {
        Handler handler = (Handler) key.attachment();
        try {
            int ready = key.readyOps();
            key.interestOpsAnd(~ready);
            handler.ready(ready);
        } catch (CancelledKeyException x) {
            handlers.remove(handler); // closed by another thread, which told whoever waits
        } catch (ClosedSelectorException x) {
            return; // closed by another thread, which tells every handler
        } catch (RuntimeException x) {
            Thread thread = Thread.currentThread();
            thread.getUncaughtExceptionHandler().uncaughtException(thread, x);
            handler.aborted();
        }
    }

    /** Ends the thread and tells every handler that is left. Idempotent. */
    @Override
    public void close() {
        closed = true;
        try {
            selector.close();
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
        handlers.forEach(Handler::aborted);
    }
}
