package io.culvert.tunnel.cli.config;

import io.culvert.tunnel.LocalTls;
import io.culvert.tunnel.Rate;
import io.culvert.tunnel.TlsTrust;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelProtection;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.cli.options.AgentToken;
import io.culvert.tunnel.cli.options.ByteCount;
import io.culvert.tunnel.cli.options.LocalService;
import io.culvert.tunnel.cli.options.LoginFile;
import io.culvert.tunnel.cli.options.ProxyAddress;
import io.culvert.tunnel.cli.options.RelaySettings;
import io.culvert.tunnel.cli.options.Transports;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * A configuration file, in YAML 1.2. Its keys are named like the options of {@code expose}; files that it names are found from where it
 * is. It holds no token, so that it can be shared.
 */
public final class ConfigFile {
    private static final int MAX_CHARACTERS = 1 << 20;
    private static final int MAX_DRAIN_SECONDS = 86_400;

    private final Path file;
    private final Problems problems;

    private ConfigFile(Path file) {
        this.file = file;
        this.problems = new Problems(file.toString());
    }

    /**
     * Reads a file.
     *
     * @throws TunnelException {@code BAD_CONFIGURATION} with the line and key of every mistake
     */
    public static ExposeConfig read(Path file) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException x) {
            String why = x instanceof NoSuchFileException
                    ? "it does not exist"
                    : x instanceof CharacterCodingException ? "it is not text in UTF-8" : "it cannot be read";
            throw new TunnelException(
                    TunnelError.BAD_CONFIGURATION,
                    "The configuration file " + file + " cannot be used: " + why + ".",
                    x);
        }
        return new ConfigFile(file).read(text);
    }

    private ExposeConfig read(String text) {
        Optional<Node> root = compose(text);
        problems.throwIfAny();
        Optional<ExposeConfig> config =
                root.flatMap(node -> Section.of("", node, problems)).map(this::config);
        problems.throwIfAny();
        return config.orElseThrow(() ->
                new TunnelException(TunnelError.BAD_CONFIGURATION, "The configuration file " + file + " is empty."));
    }

    private Optional<Node> compose(String text) {
        LoadSettings settings = LoadSettings.builder()
                .setCodePointLimit(MAX_CHARACTERS)
                .setLabel(file.toString())
                .build();
        try {
            return new Compose(settings).composeString(text);
        } catch (MarkedYamlEngineException x) {
            problems.add(x.getProblemMark(), "this is not YAML: " + x.getProblem() + ".");
        } catch (YamlEngineException x) {
            problems.add(Optional.empty(), "this is not YAML: " + x.getMessage() + ".");
        }
        return Optional.empty();
    }

    private ExposeConfig config(Section root) {
        root.refuse(
                "token",
                "a token does not stand in this file. Name a file with token-file, or an environment variable with"
                        + " token-env.");
        RelaySettings relay = new RelaySettings(
                root.value("relay", ConfigFile::checkedRelay),
                path(root, "token-file", AgentToken::read),
                root.text("token-env"),
                path(root, "trust", TunnelAgent.builder()::trust),
                path(root, "cert", TlsTrust::pem),
                path(root, "key", key -> key), // together with the certificate, when the agent is made
                root.value("proxy", ConfigFile::checkedProxy),
                transports(root));
        if (root.has("cert") != root.has("key")) {
            root.wrong(root.has("cert") ? "cert" : "key", "needs the other of cert and key.");
        }
        if (root.has("token-file") && root.has("token-env")) {
            root.wrong("token-env", "excludes token-file: the token comes from one place.");
        }
        Optional<Integer> drain = root.number("drain", 0, MAX_DRAIN_SECONDS);
        List<ExposeConfig.Entry> tunnels = new ArrayList<>();
        Set<String> names = new HashSet<>();
        List<Section> sections = root.sections("tunnels");
        if (sections.isEmpty()) {
            root.wrong("tunnels", "needs at least one entry, such as '- service: 3000'.");
        }
        for (Section section : sections) {
            tunnel(section).ifPresent(entry -> {
                tunnels.add(entry);
                entry.spec()
                        .name()
                        .filter(name -> !names.add(name))
                        .ifPresent(name -> section.wrong("name", "'" + name + "' is another tunnel's name already."));
            });
        }
        root.end();
        return new ExposeConfig(relay, drain, List.copyOf(tunnels));
    }

    private Optional<ExposeConfig.Entry> tunnel(Section section) {
        if (!section.has("service")) {
            section.wrong("service", "is missing: PORT, HOST:PORT, http://HOST:PORT or https://HOST:PORT.");
        }
        String localHost = section.text("local-host").orElse("localhost");
        Optional<LocalService> service = section.value("service", text -> LocalService.of(text, localHost));
        Optional<TunnelSpec.Builder> started = service.flatMap(local -> section.attempt(
                "service", () -> TunnelSpec.builder(local.port()).localHost(local.host())));
        TunnelSpec.Builder spec = started.orElseGet(() -> TunnelSpec.builder(1)); // to find the other mistakes
        section.value("name", spec::name);
        section.value("host", spec::host);
        section.value("host-header", spec::hostHeader);
        section.number("public-port", 0, 65535).ifPresent(spec::publicPort);
        localTls(section, service.map(LocalService::tls).orElse(true)).ifPresent(spec::localTls);
        spec.protection(protection -> protect(section, protection));
        List<String> transports = transports(section);
        section.end();
        return started.map(builder -> new ExposeConfig.Entry(builder.build(), transports));
    }

    private void protect(Section section, TunnelProtection.Builder protection) {
        section.value("login-file", text -> {
            LoginFile.addTo(protection, file.toAbsolutePath().resolveSibling(text));
            return text;
        });
        section.texts("allow").forEach(range -> section.attempt("allow", () -> protection.allow(range)));
        section.texts("deny").forEach(range -> section.attempt("deny", () -> protection.deny(range)));
        section.value("rate", text -> protection.requests(Rate.parse(text)));
        section.value("rate-per-visitor", text -> protection.requestsPerVisitor(Rate.parse(text)));
        section.number("max-requests", 1, 1 << 20).ifPresent(protection::concurrentRequests);
        section.value("max-body", text -> protection.bodyBytes(ByteCount.parse(text)));
    }

    private Optional<LocalTls> localTls(Section section, boolean tls) {
        boolean insecure = section.flag("local-insecure").orElse(false);
        Optional<Path> trust = path(section, "local-trust", LocalTls::trusting);
        if (!tls) {
            List.of("local-insecure", "local-trust")
                    .forEach(key -> section.refuse(key, "needs a service at https://HOST:PORT."));
            return Optional.empty();
        }
        if (insecure && trust.isPresent()) {
            section.wrong("local-insecure", "excludes local-trust.");
        }
        if (insecure) {
            return Optional.of(LocalTls.insecure());
        }
        return Optional.of(trust.map(LocalTls::trusting).orElse(LocalTls.verified()));
    }

    private List<String> transports(Section section) {
        List<String> names = section.texts("transport");
        List<String> found = Transports.found();
        for (String name : names) {
            if (!found.contains(name)) {
                String guess = Guess.of(name, found)
                        .map(near -> " Did you mean '" + near + "'?")
                        .orElse(" There are: " + String.join(", ", found) + ".");
                section.wrong("transport", "there is no transport '" + name + "'." + guess);
            }
        }
        return names;
    }

    /** A file that is of use: whether it is, {@code use} tells by not throwing. */
    private Optional<Path> path(Section section, String key, Function<Path, ?> use) {
        return section.value(key, text -> {
            Path named = file.toAbsolutePath().resolveSibling(text);
            use.apply(named);
            return named;
        });
    }

    private static String checkedProxy(String address) {
        ProxyAddress.read(address);
        return address;
    }

    private static String checkedRelay(String address) {
        TunnelAgent.builder().relay(address);
        return address;
    }
}
