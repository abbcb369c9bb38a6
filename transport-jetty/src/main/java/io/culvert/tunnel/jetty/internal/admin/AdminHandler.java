package io.culvert.tunnel.jetty.internal.admin;

import io.culvert.tunnel.AdminOptions;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers on the admin port. Health is for everyone, as it says nothing else; all other pages are behind the door. */
final class AdminHandler extends Handler.Abstract {
    private static final Logger LOG = LoggerFactory.getLogger(AdminHandler.class);
    private static final String TEXT = "text/plain;charset=utf-8";

    /** Pages run what comes from this port and nothing else. */
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                    + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final AdminDoor door;
    private final BooleanSupplier ready;
    private final List<AdminOptions.Page> pages;
    private final List<Handler> handlers;

    /**
     * @param ready whether visitors are served now
     * @param handlers asked in turn before the application's pages, behind the door
     */
    AdminHandler(AdminOptions options, BooleanSupplier ready, List<Handler> handlers) {
        this.door = new AdminDoor(options);
        this.ready = ready;
        this.pages = options.pages();
        this.handlers = handlers;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        HttpFields.Mutable fields = response.getHeaders();
        fields.put(HttpHeader.CACHE_CONTROL, "no-store");
        fields.put("X-Content-Type-Options", "nosniff");
        fields.put("Referrer-Policy", "no-referrer");
        fields.put("Content-Security-Policy", POLICY);
        String path = Request.getPathInContext(request);
        if (path.equals("/healthz")) {
            text(request, response, callback, HttpStatus.OK_200, "ok\n");
        } else if (path.equals("/readyz")) {
            boolean now = ready.getAsBoolean();
            int status = now ? HttpStatus.OK_200 : HttpStatus.SERVICE_UNAVAILABLE_503;
            text(request, response, callback, status, now ? "ready\n" : "draining\n");
        } else {
            guarded(path, request, response, callback);
        }
        return true;
    }

    private void guarded(String path, Request request, Response response, Callback callback) throws Exception {
        int refusal = door.refusal(request);
        if (refusal != 0) {
            refuse(request, response, callback, refusal);
            return;
        }
        for (Handler handler : handlers) {
            if (handler.handle(request, response, callback)) {
                return;
            }
        }
        for (AdminOptions.Page page : pages) {
            if (page.path().equals(path)) {
                show(page, request, response, callback);
                return;
            }
        }
        if (path.equals("/")) {
            String list = Stream.concat(
                            Stream.of("/healthz", "/readyz"), pages.stream().map(AdminOptions.Page::path))
                    .collect(Collectors.joining("\n", "", "\n"));
            text(request, response, callback, HttpStatus.OK_200, list);
        } else {
            text(request, response, callback, HttpStatus.NOT_FOUND_404, "Nothing is here. / lists what there is.\n");
        }
    }

    private static void refuse(Request request, Response response, Callback callback, int status) {
        switch (status) {
            case HttpStatus.UNAUTHORIZED_401 -> {
                response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Basic realm=\"culvert\", charset=\"UTF-8\"");
                text(request, response, callback, status, "This needs the admin port's token.\n");
            }
            case HttpStatus.FORBIDDEN_403 ->
                text(request, response, callback, status, "No page of another site may ask.\n");
            default ->
                text(
                        request,
                        response,
                        callback,
                        status,
                        "Ask by localhost or an IP address: an admin port without a token answers no other name.\n");
        }
    }

    private static void show(AdminOptions.Page page, Request request, Response response, Callback callback) {
        String content;
        try {
            content = page.content().get();
        } catch (RuntimeException x) {
            LOG.warn("The admin page {} could not be made", page.path(), x);
            text(
                    request,
                    response,
                    callback,
                    HttpStatus.INTERNAL_SERVER_ERROR_500,
                    "The page could not be made: see the log.\n");
            return;
        }
        write(request, response, callback, HttpStatus.OK_200, page.contentType(), content);
    }

    private static void text(Request request, Response response, Callback callback, int status, String content) {
        write(request, response, callback, status, TEXT, content);
    }

    private static void write(
            Request request, Response response, Callback callback, int status, String contentType, String content) {
        boolean head = HttpMethod.HEAD.is(request.getMethod());
        if (!head && !HttpMethod.GET.is(request.getMethod())) {
            response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
            response.setStatus(HttpStatus.METHOD_NOT_ALLOWED_405);
            response.write(true, null, callback);
            return;
        }
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, contentType);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, bytes.length);
        response.write(true, head ? null : ByteBuffer.wrap(bytes), callback);
    }
}
