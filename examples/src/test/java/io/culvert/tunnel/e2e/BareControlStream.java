package io.culvert.tunnel.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/** One stream of a {@link BareAgent} over {@code control}: chunks in messages, and credit both ways. */
final class BareControlStream {
    private static final int CHUNK = 32 * 1024;
    private static final byte[] END = new byte[0];

    private final String id;
    private final boolean upgrade;
    private final Semaphore credit;
    private final Consumer<ObjectNode> sender;
    private final Runnable gone;
    private final BlockingQueue<byte[]> up = new LinkedBlockingQueue<>(); // bounded by the credit that the relay has
    private volatile Socket local;
    private volatile boolean broken;
    private boolean oneDirectionDone;

    BareControlStream(String id, boolean upgrade, int credit, Consumer<ObjectNode> sender, Runnable gone) {
        this.id = id;
        this.upgrade = upgrade;
        this.credit = new Semaphore(credit);
        this.sender = sender;
        this.gone = gone;
    }

    void received(JsonNode base64) {
        byte[] bytes = Base64.getDecoder().decode(base64.asText(""));
        if (bytes.length > 0) {
            up.add(bytes);
        }
    }

    void ended() {
        up.add(END);
    }

    void credit(long bytes) {
        credit.release((int) bytes);
    }

    void reset() {
        broken = true;
        up.add(END);
        credit.release(CHUNK);
        if (local != null) {
            BareAgent.reset(local);
        }
        gone.run();
    }

    void pumpUp(Socket socket) {
        local = socket;
        try {
            for (byte[] bytes = up.take(); bytes != END; bytes = up.take()) {
                socket.getOutputStream().write(bytes);
                sender.accept(BareAgent.message("credit").put("stream_id", id).put("bytes", bytes.length));
            }
            if (!broken) {
                socket.shutdownOutput();
                directionDone();
            }
        } catch (IOException x) {
            cancel();
        } catch (InterruptedException x) {
            return; // the agent was closed
        }
    }

    void pumpDown(Socket socket) {
        local = socket;
        byte[] buffer = new byte[CHUNK];
        try {
            InputStream in = socket.getInputStream();
            while (!broken) {
                credit.acquire();
                int available = 1 + credit.drainPermits();
                int count = in.read(buffer, 0, Math.min(CHUNK, available));
                credit.release(available - Math.max(count, 0));
                if (count < 0) {
                    sender.accept(BareAgent.message("end").put("stream_id", id));
                    directionDone();
                    return;
                }
                sender.accept(chunk(Base64.getEncoder().encodeToString(Arrays.copyOf(buffer, count))));
            }
        } catch (IOException x) {
            cancel();
        } catch (InterruptedException x) {
            return; // the agent was closed
        }
    }

    private ObjectNode chunk(String data) {
        return upgrade
                ? BareAgent.message("websocketframe")
                        .put("connection_id", id)
                        .put("direction", "down")
                        .put("data", data)
                : BareAgent.message("httpresponse").put("request_id", id).put("payload", data);
    }

    private synchronized void directionDone() {
        if (oneDirectionDone) {
            gone.run();
            try {
                local.close();
            } catch (IOException x) {
                throw new UncheckedIOException(x);
            }
        }
        oneDirectionDone = true;
    }

    private void cancel() {
        if (!broken) {
            broken = true;
            sender.accept(BareAgent.message(upgrade ? "websocketclose" : "httpcancel")
                    .put(upgrade ? "connection_id" : "request_id", id)
                    .put("code", "reset")
                    .put("reason", "The local service broke the connection."));
            gone.run();
        }
    }
}
