package io.culvert.tunnel.cli;

import io.culvert.tunnel.cli.options.Transports;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What this program was made of, and what it runs on. */
final class Build implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {
            "culvert " + version() + commit().map(commit -> " (" + commit + ")").orElse(""),
            "Java " + Runtime.version() + ", " + System.getProperty("java.vm.name"),
            "transports " + String.join(", ", transports())
        };
    }

    private static String version() {
        return Objects.requireNonNullElse(Build.class.getPackage().getImplementationVersion(), "(not packaged)");
    }

    /** The commit that it was built from; empty if the build did not know. */
    private static Optional<String> commit() {
        Properties properties = new Properties();
        try (InputStream in = Build.class.getResourceAsStream("build.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
        return known(properties.getProperty("commit", ""));
    }

    /** Empty for a place that the build did not fill in. */
    static Optional<String> known(String commit) {
        return Optional.of(commit).filter(value -> value.matches("[0-9a-f]{7,40}"));
    }

    private static List<String> transports() {
        List<String> found = Transports.found();
        return found.isEmpty() ? List.of("(none)") : found;
    }
}
