package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One visitor of the soak: does one thing after another, on connections that it keeps while it can. Used by one thread. */
final class SoakVisitor implements AutoCloseable {
    private static final AtomicLong IDS = new AtomicLong();

    private static final int PATIENCE_MILLIS = 90_000;
    private static final int PIECE = 16 * 1024;

    private final int port;
    private final SoakService service;
    private final Random random;
    private @Nullable RawHttp connection;
    private long id;

    SoakVisitor(int port, SoakService service, Random random) {
        this.port = port;
        this.service = service;
        this.random = random;
    }

    /** What a visitor can do. */
    enum Deed {
        DOWNLOAD,
        EVENTS,
        UPLOAD,
        CHUNKED_UPLOAD,
        PIPELINE,
        SOCKET,
        /** The local service breaks off. */
        CUT_SHORT,
        /** The visitor does. */
        LEAVE
    }

    /** An answer that says that it is an error; what came before is nobody's loss. */
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1;

        Refused(String message) {
            super(message);
        }
    }

    /**
     * Does it once.
     *
     * @throws IOException if it failed, visibly
     * @throws AssertionError if something came that must never come
     */
    void perform(Deed deed) throws IOException {
        id = IDS.incrementAndGet() * 0x1_0000_0001L;
        boolean done = false;
        try {
            switch (deed) {
                case DOWNLOAD -> download("download");
                case EVENTS -> download("chunked");
                case UPLOAD -> upload(false);
                case CHUNKED_UPLOAD -> upload(true);
                case PIPELINE -> pipeline();
                case SOCKET -> socket();
                case CUT_SHORT -> cutShort();
                case LEAVE -> leave();
            }
            done = true;
        } finally {
            if (!done) {
                close();
            }
        }
    }

    private RawHttp connect() throws IOException {
        RawHttp open = connection;
        if (open == null || random.nextInt(8) == 0) {
            close();
            open = RawHttp.connect(port);
            open.socket().setSoTimeout(PATIENCE_MILLIS);
            connection = open;
        }
        return open;
    }

    private int size() {
        return random.nextInt(20) == 0 ? random.nextInt(2_000_000) : random.nextInt(60_000);
    }

    private static String target(String kind, long id, int size) {
        return "/" + kind + "/" + Long.toHexString(id) + "/" + size + " HTTP/1.1\r\nHost: demo.example.test\r\n";
    }

    private void download(String kind) throws IOException {
        int size = size();
        RawHttp open = connect();
        open.send("GET " + target(kind, id, size) + "\r\n");
        receive(open, id, size);
    }

    /** Reads an answer that must be made of that id, and checks each byte as it comes. */
    private static void receive(RawHttp open, long id, int size) throws IOException {
        List<String> fields = head(open, id);
        SoakContent content = new SoakContent(id);
        if (RawHttp.values(fields, "Transfer-Encoding").isEmpty()) {
            assertThat(RawHttp.values(fields, "Content-Length")).containsExactly(String.valueOf(size));
            byte[] piece = new byte[PIECE];
            for (int at = 0; at < size; ) {
                int count = open.read(piece, Math.min(PIECE, size - at));
                if (count < 0) {
                    throw new EOFException("after " + at + " of " + size + " bytes");
                }
                content.check(at, piece, count);
                at += count;
            }
        } else {
            int at = 0;
            for (byte[] chunk = open.readChunk(); chunk.length > 0; chunk = open.readChunk()) {
                content.check(at, chunk, chunk.length);
                at += chunk.length;
            }
            assertThat(at).as("length of answer %x", id).isEqualTo(size);
        }
    }

    private static List<String> head(RawHttp open, long id) throws IOException {
        String head = open.readHead();
        List<String> fields = RawHttp.fields(head);
        String status = head.substring(0, head.indexOf("\r\n"));
        refusal(status, fields);
        assertThat(status).isEqualTo("HTTP/1.1 200 OK");
        assertThat(RawHttp.values(fields, "X-Id")).containsExactly(Long.toHexString(id));
        return fields;
    }

    /** Throws for the errors of a tunnel. A relay that was just restarted knows no names. */
    private static void refusal(String status, List<String> fields) throws Refused {
        if (status.startsWith("HTTP/1.1 50") || status.startsWith("HTTP/1.1 404 ")) {
            List<String> errors = RawHttp.values(fields, "Tunnel-Error");
            assertThat(errors)
                    .as("the error that comes with %s", status)
                    .hasSize(1)
                    .doesNotContain("internal"); // a fault elsewhere is none of the relay's
            throw new Refused(errors.get(0));
        }
    }

    private void upload(boolean chunked) throws IOException {
        int size = size();
        SoakContent content = new SoakContent(id);
        RawHttp open = connect();
        open.send("POST " + target("upload", id, size)
                + (chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "Content-Length: " + size + "\r\n\r\n"));
        for (int at = 0; at < size; ) {
            int count = Math.min(1 + random.nextInt(PIECE), size - at);
            open.send((chunked ? Integer.toHexString(count) + "\r\n" : ""));
            open.send(content.bytes(at, count));
            open.send(chunked ? "\r\n" : "");
            at += count;
        }
        open.send(chunked ? "0\r\n\r\n" : "");
        List<String> fields = head(open, id);
        int length = Integer.parseInt(RawHttp.values(fields, "Content-Length").get(0));
        assertThat(open.readText(length)).isEqualTo("took " + Long.toHexString(id));
        assertThat(service.took(id)).isTrue();
    }

    private void pipeline() throws IOException {
        RawHttp open = connect();
        List<Integer> sizes = new ArrayList<>();
        StringBuilder requests = new StringBuilder();
        long first = id;
        for (int i = 0; i < 4; i++) {
            int size = random.nextInt(10_000);
            sizes.add(size);
            requests.append("GET ")
                    .append(target(i % 2 == 0 ? "download" : "chunked", first + i, size))
                    .append("\r\n");
        }
        open.send(requests.toString());
        for (int i = 0; i < 4; i++) {
            receive(open, first + i, sizes.get(i));
        }
    }

    /** Both directions at once; the visitor ends its own first, which must not end the other. */
    private void socket() throws IOException {
        close();
        RawHttp open = connect();
        int frames = random.nextInt(60);
        open.send("GET " + target("socket", id, frames)
                + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        String head = open.readHead();
        refusal(head, RawHttp.fields(head));
        assertThat(head).startsWith("HTTP/1.1 101 ");
        new SoakFrames(id, "up", true).send(open, frames, random);
        if (new SoakFrames(id, "down", false).receive(open, frames) == SoakFrames.End.FAREWELL) {
            throw new Refused("1001");
        }
        close();
    }

    private void cutShort() throws IOException {
        int size = 1 + random.nextInt(100_000);
        close();
        RawHttp open = connect();
        open.send("GET " + target("cut", id, size) + "\r\n");
        SoakContent content = new SoakContent(id);
        try {
            head(open, id);
            byte[] piece = new byte[PIECE];
            int at = 0;
            for (int count = open.read(piece); count > 0; count = open.read(piece)) {
                content.check(at, piece, count);
                at += count;
            }
            assertThat(at).as("bytes of an answer that was cut").isLessThanOrEqualTo(size / 2);
        } catch (SocketException | EOFException cut) {
            assertThat(cut).isNotNull();
        } catch (Refused nothingCame) {
            assertThat(nothingCame.getMessage()).isNotEmpty();
        }
        close();
    }

    private void leave() throws IOException {
        RawHttp open = connect();
        open.send("GET " + target("download", id, 500_000) + "\r\n");
        byte[] some = new byte[1 + random.nextInt(PIECE)];
        head(open, id);
        int count = open.read(some);
        new SoakContent(id).check(0, some, Math.max(count, 0));
        if (random.nextBoolean()) {
            open.reset();
        }
        close();
    }

    @Override
    public void close() throws IOException {
        RawHttp open = connection;
        connection = null;
        if (open != null) {
            open.close();
        }
    }
}
