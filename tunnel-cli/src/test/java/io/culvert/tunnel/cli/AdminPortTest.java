package io.culvert.tunnel.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The relay's admin port as the command line opens it. */
class AdminPortTest {
    private static final Pattern ADMIN = Pattern.compile("Admin port: (http://\\S+)");

    private final TestShell shell = new TestShell();
    private final HttpClient client = HttpClient.newHttpClient();

    @TempDir
    Path directory;

    private URI admin(CompletableFuture<Integer> exit) {
        await().atMost(30, TimeUnit.SECONDS)
                .until(() -> exit.isDone() || shell.out().contains("\n"));
        Matcher matcher = ADMIN.matcher(shell.err());
        assertThat(matcher.find()).as(shell.err()).isTrue();
        return URI.create(matcher.group(1));
    }

    private HttpResponse<String> get(URI uri, String... fields) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        if (fields.length > 0) {
            request.headers(fields);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    @Test
    void showsMetricsInTheTextFormat() throws Exception {
        CompletableFuture<Integer> exit = shell.start("relay", "--port", "0", "--admin", "0");
        URI admin = admin(exit);
        HttpResponse<String> metrics = get(admin.resolve("/metrics"));
        assertThat(metrics.headers().firstValue("Content-Type")).contains("text/plain; version=0.0.4; charset=utf-8");
        assertThat(metrics.body())
                .contains("\ntunnel_agents 0.0\n", "\n# TYPE tunnel_agents gauge\n", "jvm_memory_used_bytes{");
        assertThat(get(admin.resolve("/readyz")).statusCode()).isEqualTo(200);
        assertThat(get(admin.resolve("/")).body()).contains("<title>Culvert relay</title>");
        shell.stop().request();
        assertThat(exit.get(30, TimeUnit.SECONDS)).isZero();
    }

    @Test
    void asksForTheTokenInTheFile() throws Exception {
        Path file = Files.writeString(directory.resolve("admin"), "# of the scraper\n0123456789abcdef\n");
        CompletableFuture<Integer> exit =
                shell.start("relay", "--port", "0", "--admin", "127.0.0.1:0", "--admin-token-file", file.toString());
        URI metrics = admin(exit).resolve("/metrics");
        assertThat(get(metrics).statusCode()).isEqualTo(401);
        assertThat(get(metrics, "Authorization", "Bearer 0123456789abcdef").statusCode())
                .isEqualTo(200);
        shell.stop().request();
        assertThat(exit.get(30, TimeUnit.SECONDS)).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0:0, --admin-token-file",
        "127.0.0.1:x, not '127.0.0.1:x'",
        "127.0.0.1:70000, not '127.0.0.1:70000'"
    })
    void whatCannotBeIsWrongUsage(String address, String said) throws Exception {
        assertThat(shell.start("relay", "--port", "0", "--admin", address).get(30, TimeUnit.SECONDS))
                .isEqualTo(2);
        assertThat(shell.err()).contains(said);
    }
}
