package io.culvert.tunnel.testkit.recording;

import io.culvert.tunnel.capture.CapturedRequest;
import java.util.function.Predicate;

/** Tells a request by its head, and says in words which one it means. Immutable. */
public final class RequestMatcher implements Predicate<CapturedRequest> {
    private final Predicate<CapturedRequest> predicate;
    private final String words;

    private RequestMatcher(Predicate<CapturedRequest> predicate, String words) {
        this.predicate = predicate;
        this.words = words;
    }

    /** Every request. */
    public static RequestMatcher any() {
        return new RequestMatcher(request -> true, "any request");
    }

    /** Requests with that method and that path, whatever the query. */
    public static RequestMatcher request(String method, String path) {
        return new RequestMatcher(
                request -> request.method().equals(method) && request.path().equals(path), method + " " + path);
    }

    /** Requests with that path, whatever the method and the query. */
    public static RequestMatcher path(String path) {
        return new RequestMatcher(request -> request.path().equals(path), "any method on " + path);
    }

    /** Of these, the ones whose first field of that name, in any case, has that value. */
    public RequestMatcher withField(String name, String value) {
        return new RequestMatcher(
                predicate.and(
                        request -> request.field(name).filter(value::equals).isPresent()),
                words + " with " + name + ": " + value);
    }

    @Override
    public boolean test(CapturedRequest request) {
        return predicate.test(request);
    }

    @Override
    public String toString() {
        return words;
    }
}
