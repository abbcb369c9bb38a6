package io.culvert.tunnel.jetty.internal.proxy;

import io.culvert.tunnel.TunnelError;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Answers visitors with an error of the edge's own. */
public interface Refusals {
    /**
     * Writes the answer. The response must not be committed.
     *
     * @param status differs from the error's own where HTTP has a more fitting one
     * @param callback completed when it is written; whoever called completes the request
     */
    void write(Request request, Response response, Callback callback, int status, TunnelError error);
}
