package io.culvert.tunnel.jetty.internal.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.Test;

class TunnelEndPointTest {
    /** Without that a peer that sends faster than its messages are handled would keep the selector's thread, and all its connections. */
    @Test
    void whoNeverBlocksWaitsNowAndThenAndGetsAll() throws Exception {
        byte[] sent = new byte[64 * 1024];
        new Random(1).nextBytes(sent);
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        try (RawListener listener = new RawListener(null);
                Socket peer = listener.connect()) {
            TunnelEndPoint endPoint =
                    (TunnelEndPoint) listener.accepted().unwrap(EndPoint.class).orElseThrow();
            endPoint.neverBlocks();
            peer.getOutputStream().write(sent);
            ByteBuffer buffer = BufferUtil.allocate(1024);
            while (received.size() < sent.length) {
                Callback.Completable readable = new Callback.Completable();
                endPoint.fillInterested(readable);
                readable.get(20, TimeUnit.SECONDS);
                int reads = 0;
                while (endPoint.fill(buffer) > 0) {
                    received.writeBytes(BufferUtil.toArray(buffer));
                    BufferUtil.clear(buffer);
                    reads++;
                }
                assertThat(reads).isLessThanOrEqualTo(TunnelEndPoint.READS_AT_A_STRETCH);
            }
        }
        assertThat(received.toByteArray()).isEqualTo(sent);
    }
}
