package io.culvert.tunnel.jetty.internal.agent;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import java.net.ConnectException;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.eclipse.jetty.client.HttpResponseException;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.websocket.api.exceptions.UpgradeException;
import org.jspecify.annotations.Nullable;

/** Why a relay could not be reached, in a sentence that says what to do. */
final class RelayFailure {
    private RelayFailure() {}

    /** What a failed handshake of the control channel means. */
    static TunnelException explain(
            URI relay, String path, Optional<ProxyServer> proxy, boolean certified, Throwable failure) {
        int status = find(failure, UpgradeException.class, x -> true)
                .map(UpgradeException::getResponseStatusCode)
                .orElse(0);
        if (status == HttpStatus.UNAUTHORIZED_401 || status == HttpStatus.FORBIDDEN_403) {
            return new TunnelException(
                    TunnelError.UNAUTHORIZED,
                    "The relay at " + relay + " answered " + status
                            + (certified
                                    ? ": it accepts neither a token nor the certificate of this agent. Check the"
                                            + " token, and whom the certificate is for."
                                    : ": it does not accept this token. Check the token that the agent was given."),
                    failure);
        }
        Optional<String> alert = TlsProblem.refusal(failure);
        if (alert.isPresent()) {
            return new TunnelException(
                    TunnelError.UNAUTHORIZED, uncertified(relay.toString(), certified, alert.get()), failure);
        }
        String what;
        if (find(failure, HttpException.RuntimeException.class, x -> true).isPresent()) {
            what = "What answers at " + relay
                    + " does not speak HTTP. If it speaks TLS, its address begins with wss://.";
        } else if (status == HttpStatus.TOO_MANY_REQUESTS_429) {
            what = "The relay at " + relay
                    + " turns agents from this address away for a while, as too many of their tokens"
                    + " were wrong. Check the tokens of all of them.";
        } else if (status == HttpStatus.SERVICE_UNAVAILABLE_503) {
            what = "The relay at " + relay
                    + " takes no more agents now (503): it is busy, or about to close. Try again shortly.";
        } else if (status > 0) {
            what = "What answers at " + relay + " is not a relay: it answered " + status + " to a GET of " + path
                    + ". Check the address.";
        } else {
            what = unreachable(relay, proxy, failure);
        }
        TunnelError error =
                TlsProblem.isDistrust(failure) ? TunnelError.RELAY_UNTRUSTED : TunnelError.RELAY_UNREACHABLE;
        return new TunnelException(error, what, failure);
    }

    private static String unreachable(URI relay, Optional<ProxyServer> proxy, Throwable failure) {
        Optional<HttpResponseException> refusal = find(
                failure,
                HttpResponseException.class,
                x -> HttpMethod.CONNECT.is(x.getResponse().getRequest().getMethod()));
        if (proxy.isPresent() && refusal.isPresent()) {
            return refusedBy(proxy.get(), refusal.get().getResponse().getStatus(), relay.toString());
        }
        Optional<String> tls = TlsProblem.of(failure);
        if (tls.isPresent()) {
            return untrusted(relay.toString(), tls.get());
        }
        if (proxy.isPresent()
                && find(failure, ConnectException.class, x -> true).isPresent()) {
            return "The proxy at " + proxy.get() + ", on the way to the relay at " + relay + ", could not be reached ("
                    + reason(failure) + "). Check its address and the network.";
        }
        return "The relay at " + relay + " could not be reached"
                + proxy.map(p -> " through the proxy at " + p).orElse("") + " (" + reason(failure)
                + "). Check its address and the network.";
    }

    /** A proxy answered CONNECT with something else than yes. */
    static String refusedBy(ProxyServer proxy, int status, String relay) {
        String advice = status == HttpStatus.PROXY_AUTHENTICATION_REQUIRED_407
                ? "Give it a user and password: http://user:password@" + proxy + "."
                : "Does it allow CONNECT to this host and port?";
        return "The proxy at " + proxy + " answered " + status + " to CONNECT for the relay at " + relay + ". "
                + advice;
    }

    /** The relay does not accept the agent's certificate, or misses one. */
    private static String uncertified(String relay, boolean certified, String alert) {
        return "The relay at " + relay + " ended the TLS handshake (" + alert + "): "
                + (certified
                        ? "it does not accept this agent's certificate. Has it expired, and does an authority that the"
                                + " relay trusts (its --agent-ca) vouch for it?"
                        : "it asks agents for a certificate, and this one has none. Give it one and its key: --cert"
                                + " and --key, or certificate(…).");
    }

    /** What answers could not prove that it is the relay. */
    static String untrusted(String relay, String problem) {
        return "The relay at " + relay + " could not be reached over TLS: " + problem
                + ". Check the address, and which certificates the agent trusts.";
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof TimeoutException ? "no answer in time" : String.valueOf(cause.getMessage());
    }

    private static <T extends Throwable> Optional<T> find(
            @Nullable Throwable failure, Class<T> type, Predicate<T> test) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause) && test.test(type.cast(cause))) {
                return Optional.of(type.cast(cause));
            }
        }
        return Optional.empty();
    }
}
