package io.culvert.tunnel.cli.check;

import io.culvert.tunnel.jetty.RelayRoute;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Looks at the way to a host: name, connection, proxy, TLS, one after the other. Blocks; gives up each part after some seconds. */
final class Reach {
    private static final int CONNECT_MILLIS = 5_000;
    private static final int READ_MILLIS = 10_000;

    private final Optional<RelayRoute.Proxy> proxy;
    private final TlsStep tls;
    private final Consumer<Finding> told;

    /** A way through the proxy, if there is one; {@code told} hears of each step. */
    Reach(Optional<RelayRoute.Proxy> proxy, TlsStep tls, Consumer<Finding> told) {
        this.proxy = proxy;
        this.tls = tls;
        this.told = told;
    }

    /** A connection on which HTTP can be spoken; empty if a step failed, which was told. */
    Optional<Socket> connect(String host, int port, boolean secure) throws IOException {
        String hopHost = proxy.map(RelayRoute.Proxy::host).orElse(host);
        int hopPort = proxy.map(RelayRoute.Proxy::port).orElse(port);
        Optional<InetAddress[]> addresses = resolve(hopHost);
        if (addresses.isEmpty()) {
            return Optional.empty();
        }
        Optional<Socket> socket = dial(addresses.get(), hopPort);
        try {
            if (socket.isPresent() && proxy.isPresent()) {
                socket = new ProxyStep(proxy.get(), told).connect(socket.get(), host, port);
            }
            if (socket.isPresent() && secure) {
                socket = tls.secure(socket.get(), host, port, told);
            }
        } catch (IOException x) {
            if (socket.isPresent()) {
                socket.get().close();
            }
            throw x;
        }
        return socket;
    }

    private Optional<InetAddress[]> resolve(String host) {
        String whose = proxy.isPresent() ? "the proxy's host " : "";
        long start = System.nanoTime();
        try {
            InetAddress[] found = InetAddress.getAllByName(host);
            String addresses =
                    Arrays.stream(found).map(InetAddress::getHostAddress).collect(Collectors.joining(", "));
            if (!addresses.equals(host)) { // a literal needs no look-up
                told.accept(Finding.ok("dns", whose + host + " is " + addresses, since(start)));
            }
            return Optional.of(found);
        } catch (UnknownHostException x) {
            told.accept(Finding.failed(
                    "dns",
                    "there is no address for " + whose + host,
                    "Check how the host is written, and whether this machine's resolver knows it (getent hosts " + host
                            + ")."));
            return Optional.empty();
        }
    }

    private Optional<Socket> dial(InetAddress[] addresses, int port) throws IOException {
        List<String> failures = new ArrayList<>();
        String advice = "";
        for (InetAddress address : addresses) {
            String where = (address.getHostAddress().indexOf(':') >= 0
                            ? "[" + address.getHostAddress() + "]"
                            : address.getHostAddress())
                    + ":" + port;
            Socket socket = new Socket();
            long start = System.nanoTime();
            try {
                socket.connect(new InetSocketAddress(address, port), CONNECT_MILLIS);
                socket.setSoTimeout(READ_MILLIS);
                socket.setTcpNoDelay(true);
                String others = failures.isEmpty() ? "" : "; before it " + String.join(", ", failures);
                told.accept(Finding.ok("connect", "connected to " + where + others, since(start)));
                return Optional.of(socket);
            } catch (SocketTimeoutException x) {
                socket.close();
                failures.add(where + " does not answer");
                advice = "A firewall may drop it, or the machine is down. Is the port the relay's?";
            } catch (ConnectException x) {
                socket.close();
                failures.add(where + " refuses (" + x.getMessage() + ")");
                advice = "Nothing listens there. Is the relay running, and is this its port?";
            } catch (NoRouteToHostException x) {
                socket.close();
                failures.add(where + " is out of reach (" + x.getMessage() + ")");
                advice = "This machine has no way there. Check the network.";
            } catch (IOException x) {
                socket.close();
                failures.add(where + " failed (" + x.getMessage() + ")");
                advice = "Check the network.";
            }
        }
        told.accept(Finding.failed("connect", String.join(", ", failures), advice));
        return Optional.empty();
    }

    static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }
}
