package io.culvert.tunnel.e2e;

import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Compiles sources that tests hold as text. */
final class SnippetCompiler {
    private static final String EXPOSE_MAIN = """
            package snippet;

            import io.culvert.tunnel.Tunnel;
            import io.culvert.tunnel.TunnelAgent;

            public class Main {
                public static void main(String[] args) throws Exception {
                    try (Tunnel tunnel = TunnelAgent.expose(Integer.parseInt(args[0]))) {
                        System.out.println(tunnel.publicUrl());
                        System.in.read();
                    }
                }
            }
            """;

    private SnippetCompiler() {}

    /** Compiles {@code snippet.Main}, which exposes a port until its standard input ends. */
    static void exposeMain(Path target) {
        compile(Map.of("snippet/Main", EXPOSE_MAIN), target, List.of("-cp", JavaProcess.applicationPath()));
    }

    /** The same as a module named {@code snippet} that requires the facade only. */
    static void exposeModule(Path target) {
        compile(
                Map.of(
                        "snippet/Main",
                        EXPOSE_MAIN,
                        "module-info",
                        "module snippet { requires io.culvert.tunnel.api; }"),
                target,
                List.of("--module-path", JavaProcess.applicationPath()));
    }

    static void compile(Map<String, String> sources, Path target, List<String> options) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<String> all = new ArrayList<>(options);
        all.addAll(List.of("-d", target.toString(), "-proc:none"));
        StringWriter messages = new StringWriter();
        List<? extends JavaFileObject> units = sources.entrySet().stream()
                .map(source -> new Source(source.getKey(), source.getValue()))
                .toList();
        if (!compiler.getTask(messages, null, null, all, null, units).call()) {
            throw new AssertionError(messages + "\n" + sources);
        }
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String path, String text) {
            super(URI.create("string:///" + path + ".java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
