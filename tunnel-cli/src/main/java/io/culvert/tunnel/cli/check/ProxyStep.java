package io.culvert.tunnel.cli.check;

import io.culvert.tunnel.jetty.RelayRoute;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;

/** Asks a proxy for a connection (RFC 9110, section 9.3.6). */
record ProxyStep(RelayRoute.Proxy proxy, Consumer<Finding> told) {
    Optional<Socket> connect(Socket socket, String host, int port) throws IOException {
        String target = (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        StringBuilder request = new StringBuilder("CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n");
        proxy.authorization()
                .ifPresent(value ->
                        request.append("Proxy-Authorization: ").append(value).append("\r\n"));
        request.append("\r\n");
        long start = System.nanoTime();
        Optional<AnswerHead> answer = Optional.empty();
        String problem = "it closed the connection";
        try {
            socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.ISO_8859_1));
            answer = AnswerHead.read(socket.getInputStream());
        } catch (IOException x) {
            problem = x.getMessage();
        }
        if (answer.isPresent() && answer.get().status() / 100 == 2) {
            told.accept(Finding.ok("proxy", proxy + " connects to " + target, Reach.since(start)));
            return Optional.of(socket);
        }
        socket.close();
        int status = answer.map(AnswerHead::status).orElse(0);
        String what = status == 0
                ? proxy + " gives no answer of HTTP to CONNECT " + target + ": " + problem
                : proxy + " answered " + status + " to CONNECT " + target;
        String advice = status == 407
                ? "Give the proxy a user and password: http://user:password@" + proxy + "."
                : "Does it allow CONNECT to this host and port? NO_PROXY names hosts to reach without it.";
        told.accept(Finding.failed("proxy", what, advice));
        return Optional.empty();
    }
}
