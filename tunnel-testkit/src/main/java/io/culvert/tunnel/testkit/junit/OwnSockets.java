package io.culvert.tunnel.testkit.junit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The TCP sockets of this process as Linux lists them; elsewhere none are seen. */
final class OwnSockets {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final Pattern SOCKET = Pattern.compile("socket:\\[(\\d+)]");

    private OwnSockets() {}

    /**
     * One socket.
     *
     * @param inode its number, which no other one gets while the process lives
     * @param localPort its own port
     * @param remotePort its peer's; 0 if it listens
     */
    record Socket(String inode, int localPort, int remotePort) {
        @Override
        public String toString() {
            return remotePort == 0
                    ? "a socket that listens on port " + localPort
                    : "a connection from port " + localPort + " to port " + remotePort;
        }
    }

    /** All of them. */
    static Set<Socket> now() {
        Set<String> own = inodes();
        Set<Socket> sockets = new HashSet<>();
        if (!own.isEmpty()) {
            for (String table : new String[] {"/proc/self/net/tcp", "/proc/self/net/tcp6"}) {
                lines(Path.of(table)).forEach((inode, socket) -> {
                    if (own.contains(inode)) {
                        sockets.add(socket);
                    }
                });
            }
        }
        return sockets;
    }

    /** The inodes of the sockets that have a descriptor. */
    static Set<String> inodes() {
        Set<String> inodes = new HashSet<>();
        if (Files.isDirectory(DESCRIPTORS)) {
            try (Stream<Path> descriptors = Files.list(DESCRIPTORS)) {
                descriptors.forEach(descriptor -> {
                    Matcher socket = SOCKET.matcher(target(descriptor));
                    if (socket.matches()) {
                        inodes.add(socket.group(1));
                    }
                });
            } catch (IOException x) {
                throw new UncheckedIOException(x);
            }
        }
        return inodes;
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException x) {
            return ""; // closed meanwhile
        }
    }

    /** Lines such as {@code 0: 0100007F:1F90 00000000:0000 0A … inode …}. */
    private static Map<String, Socket> lines(Path table) {
        Map<String, Socket> sockets = new HashMap<>();
        try {
            for (String line : Files.readAllLines(table)) {
                String[] columns = line.trim().split("\\s+");
                if (columns.length > 9 && columns[1].indexOf(':') > 0) {
                    sockets.put(columns[9], new Socket(columns[9], port(columns[1]), port(columns[2])));
                }
            }
        } catch (IOException x) {
            return Map.of(); // one of the families may be missing
        }
        return sockets;
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1), 16);
    }
}
