package io.culvert.tunnel.jetty.internal.agent;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.jspecify.annotations.Nullable;

/** Asks a proxy for a connection to the relay (RFC 9110, section 9.3.6) and hands that on. */
final class ConnectConnection extends HeadConnection {
    private final Next next;

    /** Makes the connection that runs on top of the proxy's. */
    @FunctionalInterface
    interface Next {
        Connection make() throws IOException;
    }

    ConnectConnection(
            EndPoint endPoint,
            ClientConnector connector,
            ProxyServer proxy,
            Authority relay,
            Next next,
            CompletableFuture<?> result,
            BiConsumer<String, @Nullable Throwable> onFailure) {
        super(endPoint, connector, head(proxy, relay), result, onFailure);
        this.next = next;
    }

    private static ByteBuffer head(ProxyServer proxy, Authority relay) {
        String target = relay.withPort();
        StringBuilder text = new StringBuilder(128);
        text.append("CONNECT ")
                .append(target)
                .append(" HTTP/1.1\r\nHost: ")
                .append(target)
                .append("\r\n");
        proxy.authorization().ifPresent(field -> text.append(field.getName())
                .append(": ")
                .append(field.getValue())
                .append("\r\n"));
        return ByteBuffer.wrap(text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    @Override
    void onAnswer(int status) throws IOException {
        if (!HttpStatus.isSuccess(status)) {
            fail("answered " + status, null);
        } else if (behind().hasRemaining()) {
            fail("sent something before it was asked", null); // relays do not speak first
        } else {
            getEndPoint().upgrade(next.make());
        }
    }
}
