package io.culvert.tunnel.benchmarks.growth;

import java.nio.ByteBuffer;
import java.util.List;

/** What grows, and the work that is done meanwhile. */
enum Curve {
    CONNECTIONS("WebSocket echoes of 32 B, by connections", "echoes/s", List.of(1, 16, 64, 256, 1000), 16, true) {
        @Override
        int connections(int at) {
            return at;
        }

        @Override
        Crowd.Maker visitors(Way way, int at) {
            return echoing(way, 32);
        }
    },
    ECHO_SIZE("WebSocket echo on one connection, by size", "MiB/s", Sizes.ALL, 1024, true) {
        @Override
        Crowd.Maker visitors(Way way, int at) {
            return echoing(way, at);
        }
    },
    DOWN_SIZE("WebSocket messages one way down, by size", "MiB/s", Sizes.ALL, 1024, false) {
        @Override
        Crowd.Maker visitors(Way way, int at) {
            return (crowd, channel, number) -> new LoadVisitor.Taking(crowd, channel, way.host(0), at);
        }
    },
    UP_SIZE("WebSocket messages one way up, by size", "MiB/s", Sizes.ALL, 1024, false) {
        @Override
        Crowd.Maker visitors(Way way, int at) {
            ByteBuffer message = Frames.message(at, true);
            return (crowd, channel, number) -> new LoadVisitor.Sending(crowd, channel, way.host(0), message);
        }
    },
    TUNNELS("GETs of 100 B on 500 connections, by tunnels", "GETs/s", List.of(1, 10, 100, 500), 10, true) {
        @Override
        int connections(int at) {
            return 500;
        }

        @Override
        int tunnels(int at) {
            return at;
        }

        @Override
        Crowd.Maker visitors(Way way, int at) {
            return (crowd, channel, number) -> new LoadVisitor.Asking(crowd, channel, way.host(number % at), 100);
        }
    };

    final String title;
    final String rate;
    final List<Integer> points;
    final int quickPoint;

    /** Whether each message is waited for. */
    final boolean timed;

    Curve(String title, String rate, List<Integer> points, int quickPoint, boolean timed) {
        this.title = title;
        this.rate = rate;
        this.points = points;
        this.quickPoint = quickPoint;
        this.timed = timed;
    }

    List<Integer> points(Pace pace) {
        return pace == Pace.QUICK ? List.of(quickPoint) : points;
    }

    int connections(int at) {
        return 1;
    }

    int tunnels(int at) {
        return 1;
    }

    /** Whether the points are sizes in bytes, and the unit of work a MiB. */
    boolean bySize() {
        return rate.equals("MiB/s");
    }

    /** One unit of its work. */
    String unit() {
        return bySize() ? "a MiB" : this == TUNNELS ? "a GET" : "an echo";
    }

    abstract Crowd.Maker visitors(Way way, int at);

    private static Crowd.Maker echoing(Way way, int size) {
        ByteBuffer message = Frames.message(size, true);
        return (crowd, channel, number) -> new LoadVisitor.Echoing(crowd, channel, way.host(0), size, message);
    }

    /** An enum's constants are made before its own fields. */
    private static final class Sizes {
        static final List<Integer> ALL = List.of(32, 1 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20);
    }
}
