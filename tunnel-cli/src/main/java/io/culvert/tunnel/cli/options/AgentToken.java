package io.culvert.tunnel.cli.options;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Where a token is read from. */
public final class AgentToken {
    private AgentToken() {}

    /**
     * The first token of a file of the same form as a relay's.
     *
     * @throws TunnelException {@code BAD_CONFIGURATION} if there is none
     */
    public static String read(Path file) {
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                String token = line.strip();
                if (!token.isEmpty() && !token.startsWith("#")) {
                    return token.split("\\s", 2)[0]; // what it may claim concerns the relay
                }
            }
        } catch (IOException x) {
            String why = x instanceof NoSuchFileException ? "it does not exist" : "it cannot be read";
            throw new TunnelException(
                    TunnelError.BAD_CONFIGURATION, "The token file " + file + " cannot be used: " + why + ".", x);
        }
        throw new TunnelException(
                TunnelError.BAD_CONFIGURATION, "The token file " + file + " holds no token. Write one into it.");
    }
}
