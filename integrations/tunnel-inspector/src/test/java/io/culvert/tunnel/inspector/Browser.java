package io.culvert.tunnel.inspector;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A headless Chromium, driven through ChromeDriver (W3C WebDriver). */
final class Browser implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern PORT = Pattern.compile("successfully on port ([0-9]+)");
    private static final List<String> OPTIONS = List.of(
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1280,860");

    private final HttpClient http = HttpClient.newHttpClient();
    private final Process driver;
    private final Path profile;
    private final String session;

    Browser() throws Exception {
        driver = new ProcessBuilder("chromedriver", "--port=0")
                .redirectErrorStream(true)
                .start();
        profile = Files.createTempDirectory("culvert-browser");
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(driver.getInputStream(), StandardCharsets.UTF_8));
        String port = null;
        while (port == null) {
            String line = lines.readLine();
            if (line == null) {
                throw new IOException("chromedriver ended without naming its port");
            }
            Matcher found = PORT.matcher(line);
            port = found.find() ? found.group(1) : null;
        }
        ObjectNode wish = JSON.createObjectNode();
        ArrayNode arguments = wish.putObject("capabilities")
                .putObject("alwaysMatch")
                .putObject("goog:chromeOptions")
                .putArray("args");
        OPTIONS.forEach(arguments::add);
        arguments.add("--user-data-dir=" + profile);
        String root = "http://127.0.0.1:" + port + "/session";
        session = root + "/" + call(root, wish).path("sessionId").asText();
    }

    private JsonNode call(String url, JsonNode body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build();
        JsonNode value = JSON.readTree(
                        http.send(request, HttpResponse.BodyHandlers.ofString()).body())
                .path("value");
        if (value.has("error")) {
            throw new IOException(
                    value.path("error").asText() + ": " + value.path("message").asText());
        }
        return value;
    }

    void open(URI page) throws Exception {
        call(session + "/url", JSON.createObjectNode().put("url", page.toString()));
    }

    /** Runs a script in the page and gives what it returns. */
    JsonNode run(String script) throws Exception {
        ObjectNode body = JSON.createObjectNode().put("script", script);
        body.putArray("args");
        return call(session + "/execute/sync", body);
    }

    /** What an element shows. */
    String text(String selector) throws Exception {
        return run("const e = document.querySelector('" + selector + "'); return e ? e.innerText : ''")
                .asText();
    }

    /** Types real keys, one after another, where the focus is. */
    void type(String keys) throws Exception {
        ObjectNode body = JSON.createObjectNode();
        ObjectNode keyboard =
                body.putArray("actions").addObject().put("type", "key").put("id", "keyboard");
        ArrayNode actions = keyboard.putArray("actions");
        for (String key : keys.codePoints().mapToObj(Character::toString).toList()) {
            actions.addObject().put("type", "keyDown").put("value", key);
            actions.addObject().put("type", "keyUp").put("value", key);
        }
        call(session + "/actions", body);
    }

    void dark(boolean on) throws Exception {
        ObjectNode body = JSON.createObjectNode().put("cmd", "Emulation.setEmulatedMedia");
        body.putObject("params")
                .putArray("features")
                .addObject()
                .put("name", "prefers-color-scheme")
                .put("value", on ? "dark" : "light");
        call(session + "/goog/cdp/execute", body);
    }

    /** Keeps a picture of the page in the build's folder. */
    void picture(String name) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(session + "/screenshot")).build();
        String png = JSON.readTree(
                        http.send(request, HttpResponse.BodyHandlers.ofString()).body())
                .path("value")
                .asText();
        Path folder = Files.createDirectories(Path.of("target", "pictures"));
        Files.write(folder.resolve(name + ".png"), Base64.getDecoder().decode(png));
    }

    @Override
    public void close() throws Exception {
        try {
            http.send(
                    HttpRequest.newBuilder(URI.create(session)).DELETE().build(),
                    HttpResponse.BodyHandlers.discarding());
        } finally {
            driver.destroy();
            driver.waitFor();
            try (var files = Files.walk(profile)) {
                files.sorted(java.util.Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        }
    }
}
