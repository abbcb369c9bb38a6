package io.culvert.tunnel.core;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import io.culvert.tunnel.Direction;
import io.culvert.tunnel.message.TunnelMessage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Arbitrary messages, near enough to sensible ones to get somewhere. */
public final class FuzzedMessages {
    private static final int KINDS = 20;
    private static final String[] NAMES = {"shop", "bank", "news", null};

    private final FuzzedDataProvider data;
    private final List<String> ids;
    private final byte mark;

    /**
     * Messages for one peer.
     *
     * @param ids of streams that there are or were, to name most of the time
     * @param mark what all bytes of streams are
     */
    public FuzzedMessages(FuzzedDataProvider data, List<String> ids, byte mark) {
        this.data = data;
        this.ids = ids;
        this.mark = mark;
    }

    /** One of any kind, also of those that the peer must not send. */
    public TunnelMessage any() {
        return switch (data.consumeInt(0, KINDS - 1)) {
            case 0 -> register();
            case 1 ->
                new TunnelMessage.Registered(
                        text(), text(), List.of(grant()), text(), Map.of(), new TunnelMessage.Limits(1, 1, 1));
            case 2 -> new TunnelMessage.Refused(code(), text(), data.consumeBoolean());
            case 3 -> new TunnelMessage.Expose(wish());
            case 4 -> new TunnelMessage.Exposed(grant());
            case 5 -> new TunnelMessage.Withdraw(name(), data.consumeBoolean() ? null : number());
            case 6 -> new TunnelMessage.HttpRequest(id(), data.consumeBoolean() ? name() : null, bytesOrNone());
            case 7 -> new TunnelMessage.HttpResponse(id(), bytes());
            case 8 -> new TunnelMessage.HttpCancel(id(), code(), text());
            case 9 -> new TunnelMessage.WebSocketUpgrade(id(), name(), bytesOrNone());
            case 10 -> new TunnelMessage.WebSocketReady(id());
            case 11 -> new TunnelMessage.WebSocketFrame(id(), data.pickValue(Direction.values()), bytes());
            case 12 -> new TunnelMessage.WebSocketClose(id(), code(), text());
            case 13 -> new TunnelMessage.Slots(List.of(id()));
            case 14 -> new TunnelMessage.Credit(id(), number());
            case 15 -> new TunnelMessage.End(id());
            case 16 -> new TunnelMessage.Ping(number());
            case 17 -> new TunnelMessage.Pong(number());
            case 18 -> new TunnelMessage.Drained();
            default -> new TunnelMessage.Drain(number(), code());
        };
    }

    /** A registration that mostly succeeds. */
    public TunnelMessage.Register register() {
        List<TunnelMessage.Wish> wishes = new ArrayList<>();
        for (int count = data.consumeInt(0, 3); count > 0; count--) {
            wishes.add(wish());
        }
        return new TunnelMessage.Register(
                data.consumeInt(0, 15) == 0 ? data.consumeInt() : TunnelMessage.VERSION,
                data.pickValue(new String[] {"one", "other", "", text()}),
                wishes,
                List.of(data.pickValue(new String[] {"mux", "mux", "mux", "memory", "tcp"})),
                data.pickValue(new Integer[] {1024, 65_536, 65_536, 0, data.consumeInt()}));
    }

    private TunnelMessage.Wish wish() {
        Integer port = data.consumeInt(0, 7) == 0 ? data.consumeInt(-1, 70_000) : null;
        String host =
                data.consumeInt(0, 7) == 0 ? data.pickValue(new String[] {"app.test", "example.test", text()}) : null;
        String hostHeader = data.consumeInt(0, 7) == 0 ? text() : null;
        return new TunnelMessage.Wish(
                text(),
                data.consumeInt(0, 7) == 0 ? text() : data.pickValue(NAMES),
                host,
                port,
                hostHeader,
                data.consumeInt(0, 7) == 0 ? protection() : null);
    }

    private TunnelMessage.Protection protection() {
        return new TunnelMessage.Protection(
                data.consumeBoolean() ? List.of() : List.of(new TunnelMessage.Login(text(), text())),
                data.consumeBoolean() ? List.of() : List.of(data.pickValue(new String[] {"127.0.0.1", "::/0", text()})),
                data.consumeBoolean() ? List.of() : List.of(text()),
                data.consumeBoolean() ? null : new TunnelMessage.Allowance(data.consumeInt(), data.consumeLong()),
                data.consumeBoolean() ? null : new TunnelMessage.Allowance(data.consumeInt(), data.consumeLong()),
                data.consumeBoolean() ? null : (Integer) data.consumeInt(),
                data.consumeBoolean() ? null : (Long) data.consumeLong());
    }

    private TunnelMessage.Grant grant() {
        return new TunnelMessage.Grant(text(), name(), "http://shop.example.test", null, null, data.consumeBoolean());
    }

    private String name() {
        String name = data.pickValue(NAMES);
        return name == null ? text() : name;
    }

    private String id() {
        return ids.isEmpty() || data.consumeInt(0, 15) == 0 ? text() : ids.get(data.consumeInt(0, ids.size() - 1));
    }

    private String code() {
        return data.pickValue(new String[] {"reset", "local-refused", "replaced", "closing", text()});
    }

    private String text() {
        return data.consumeString(data.consumeInt(0, 7) == 0 ? 200 : 4);
    }

    private long number() {
        return data.consumeBoolean() ? data.consumeInt(0, 70_000) : data.consumeLong();
    }

    private ByteBuffer bytesOrNone() {
        return data.consumeBoolean() ? bytes() : null;
    }

    private ByteBuffer bytes() {
        byte[] bytes = new byte[data.pickValue(new Integer[] {0, 1, 100, 32 * 1024, 70_000})];
        Arrays.fill(bytes, mark);
        return ByteBuffer.wrap(bytes);
    }
}
