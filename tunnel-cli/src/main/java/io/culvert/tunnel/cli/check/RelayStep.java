package io.culvert.tunnel.cli.check;

import io.culvert.tunnel.jetty.RelayRoute;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Asks whether a relay answers: it tells everyone who comes without the upgrade that one is required. */
final class RelayStep {
    private static final String STEP = "relay";
    private static final String PATH = "/_tunnel/control";
    private static final int TIMES = 10;

    private RelayStep() {}

    /** Asks some times on one connection: the fastest answer is the closest to the way alone. */
    static Finding ask(Socket socket, RelayRoute route) {
        byte[] request = ("GET " + PATH + " HTTP/1.1\r\nHost: " + host(route)
                        + "\r\nUser-Agent: culvert-check\r\nAccept: text/plain\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        List<Duration> times = new ArrayList<>();
        try {
            boolean again = true;
            while (again && times.size() < TIMES) {
                long start = System.nanoTime();
                socket.getOutputStream().write(request);
                Optional<AnswerHead> answer = AnswerHead.read(socket.getInputStream());
                if (answer.isEmpty() && !times.isEmpty()) {
                    break; // it need not keep the connection
                }
                times.add(Reach.since(start));
                Optional<Finding> wrong = judge(answer, route);
                if (wrong.isPresent()) {
                    return wrong.get();
                }
                again = answer.orElseThrow().skipContent(socket.getInputStream());
            }
        } catch (SocketTimeoutException x) {
            return Finding.failed(STEP, "no answer to a GET of " + PATH, noHttp(route));
        } catch (IOException x) {
            if (times.isEmpty()) {
                return Finding.failed(STEP, "no answer to a GET of " + PATH + ": " + x.getMessage(), noHttp(route));
            }
        }
        return Finding.ok(STEP, "a relay answers; round trip", Collections.min(times));
    }

    private static String host(RelayRoute route) {
        int usual = route.secure() ? 443 : 80;
        String authority = route.authority();
        return route.port() == usual ? authority.substring(0, authority.lastIndexOf(':')) : authority;
    }

    /** What is wrong with an answer; empty if it is a relay's. */
    static Optional<Finding> judge(Optional<AnswerHead> answer, RelayRoute route) {
        if (answer.isEmpty()) {
            return Optional.of(Finding.failed(STEP, "what answers does not speak HTTP", noHttp(route)));
        }
        int status = answer.get().status();
        Optional<String> error = answer.get().field("tunnel-error");
        if (status == 426 && error.isPresent()) {
            return Optional.empty();
        }
        String what = "what answers is not a relay: " + status + " to a GET of " + PATH;
        String advice;
        if (error.isPresent()) {
            what = "a relay answers, but " + route.host() + " is not its own host: " + status + " " + error.get();
            advice = "Use the host of the relay's domain itself, not that of a tunnel under it.";
        } else if (status / 100 == 3) {
            advice = "It redirects to " + answer.get().field("location").orElse("nowhere")
                    + ", and agents follow no redirects: name the relay's own address.";
        } else if (status == 502 || status == 503 || status == 504) {
            advice = "A proxy before the relay answers in its place: is the relay behind it running?";
        } else if (status == 400 && !route.secure()) {
            advice = noHttp(route);
        } else {
            advice = "Check the address: host and port of the relay, not of a web server or a local service.";
        }
        return Optional.of(Finding.failed(STEP, what, advice));
    }

    private static String noHttp(RelayRoute route) {
        return route.secure()
                ? "Check the port: behind this one is something else than a relay."
                : "If it speaks TLS, its address begins with wss://. If not, check the port.";
    }
}
