package io.culvert.tunnel.examples.webhook;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;

/** The service that calls a webhook: signs each delivery, and repeats it after failures that may pass, with pauses that double. */
public final class WebhookSender {
    private final HttpClient http = HttpClient.newHttpClient();
    private final Signature signature;
    private final int attempts;
    private final Duration pause;

    /** Attempts so often, pausing that long after the first failure. */
    public WebhookSender(String secret, int attempts, Duration pause) {
        this.signature = new Signature(secret);
        this.attempts = attempts;
        this.pause = pause;
    }

    /**
     * Delivers a body.
     *
     * @return the status of the last answer
     * @throws IOException if there was no answer to the last attempt
     */
    public int deliver(URI url, String text) throws IOException, InterruptedException {
        String delivery = UUID.randomUUID().toString();
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        HttpRequest request = HttpRequest.newBuilder(url)
                .timeout(Duration.ofSeconds(10))
                .header("Content-Type", "application/json")
                .header("X-Delivery", delivery)
                .header(Signature.FIELD, signature.of(delivery, body))
                .POST(BodyPublishers.ofByteArray(body))
                .build();
        for (int attempt = 1; ; attempt++) {
            try {
                int status = http.send(request, BodyHandlers.discarding()).statusCode();
                if (status < 500 && status != 429 || attempt == attempts) {
                    return status;
                }
            } catch (IOException x) {
                if (attempt == attempts) {
                    throw x;
                }
            }
            Thread.sleep(pause.toMillis() << attempt - 1);
        }
    }
}
