package io.culvert.tunnel.jetty.internal.capture;

import io.culvert.tunnel.StreamInfo;
import io.culvert.tunnel.capture.Capture;
import io.culvert.tunnel.core.net.StreamDecoder;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a decoder for each stream of an agent, all of which tell one listener. */
public final class CaptureDecoders {
    private static final Logger LOG = LoggerFactory.getLogger(CaptureDecoders.class);

    private final Capture capture;
    private final AtomicLong exchanges = new AtomicLong();

    /** For what an agent was given. */
    public CaptureDecoders(Capture capture) {
        this.capture = capture;
    }

    /** A decoder for a stream that begins. */
    public StreamDecoder decoder(String stream, StreamInfo about) {
        return new HttpDecoder(this, stream, about);
    }

    int maxBodyBytes() {
        return capture.maxBodyBytes();
    }

    long nextNumber() {
        return exchanges.incrementAndGet();
    }

    void changed(Recorded exchange) {
        try {
            capture.listener().onChange(exchange);
        } catch (RuntimeException x) {
            LOG.warn("The listener of captured traffic failed", x);
        }
    }
}
