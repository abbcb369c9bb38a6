package io.culvert.tunnel.benchmarks;

import java.io.IOException;

/** What visitors on blocking sockets do. */
final class Visitor {
    private static final int READ_TIMEOUT_MILLIS = 30_000;

    private Visitor() {}

    static BlockingSocket connect(VisitorPath path) throws IOException {
        return BlockingSocket.connect(path.address(), READ_TIMEOUT_MILLIS);
    }

    /** Connects and upgrades; what follows is raw bytes. */
    static BlockingSocket upgrade(VisitorPath path, String target) throws IOException {
        BlockingSocket visitor = connect(path);
        try {
            visitor.write(Heads.upgrade(target, path.authority()));
            String head = visitor.readHead();
            if (head == null || !head.startsWith("HTTP/1.1 101 ")) {
                throw new IOException("The upgrade was not granted: " + head);
            }
            return visitor;
        } catch (IOException x) {
            try (visitor) {
                throw x;
            }
        }
    }

    /** Sends a request on a kept connection and reads its answer; returns the length of the body. */
    static long get(BlockingSocket visitor, byte[] request) throws IOException {
        visitor.write(request);
        String head = visitor.readHead();
        String length = head == null ? null : Heads.field(head, "Content-Length");
        if (length == null || !head.startsWith("HTTP/1.1 200 ")) {
            throw new IOException("Not the answer that was asked for: " + head);
        }
        long count = Long.parseLong(length);
        visitor.skip(count);
        return count;
    }
}
