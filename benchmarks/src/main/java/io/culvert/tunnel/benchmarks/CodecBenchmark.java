package io.culvert.tunnel.benchmarks;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.core.internal.codec.MalformedMessageException;
import io.culvert.tunnel.core.internal.codec.MessageCodec;
import io.culvert.tunnel.core.internal.codec.TextBuffer;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.message.TunnelMessage.Credit;
import io.culvert.tunnel.message.TunnelMessage.HttpResponse;
import io.culvert.tunnel.message.TunnelMessage.WebSocketFrame;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Messages to JSON and back, as the control channel does it: into a buffer used again, from a buffer of the reader's. */
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
public class CodecBenchmark {
    private static final String STREAM = "0123456789abcdef0123456789abcdef";

    /** What is encoded: chunks with a number of bytes, or a grant of credit. */
    @Param({"frame-1024", "frame-32768", "response-32768", "credit"})
    public String message;

    private final MessageCodec codec = new MessageCodec();
    private final TextBuffer buffer = new TextBuffer();
    private TunnelMessage value;
    private ByteBuffer text;

    /** Makes the message and its text. */
    @Setup
    public void prepare() {
        value = make(message);
        text = codec.encode(value);
    }

    private static TunnelMessage make(String name) {
        int dash = name.indexOf('-');
        if (dash < 0) {
            return new Credit(STREAM, 65536);
        }
        ByteBuffer data = ByteBuffer.wrap(LocalService.randomBytes(Integer.parseInt(name.substring(dash + 1))));
        return name.startsWith("frame")
                ? new WebSocketFrame(STREAM, Direction.DOWN, data)
                : new HttpResponse(STREAM, data);
    }

    /** The message's text. */
    @Benchmark
    public ByteBuffer encode() {
        return codec.encode(value, buffer);
    }

    /** The text's message. */
    @Benchmark
    public TunnelMessage decode() throws MalformedMessageException {
        return codec.decode(text);
    }
}
