package io.culvert.tunnel.cli.options;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelProtection;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Who may visit a tunnel, from outside the command line, where others on the machine could read it. */
public final class LoginFile {
    private LoginFile() {}

    /**
     * Adds each line of a file, {@code user:password} in UTF-8; blank lines and those that begin with {@code #} say nothing.
     *
     * @throws TunnelException {@code BAD_CONFIGURATION} if it cannot be read, holds no login, or one cannot be
     */
    public static void addTo(TunnelProtection.Builder protection, Path file) {
        boolean any = false;
        try {
            for (String line : Files.readAllLines(file)) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    add(protection, line, "Each line of the login file " + file);
                    any = true;
                }
            }
        } catch (IOException x) {
            String why = x instanceof NoSuchFileException
                    ? "it does not exist"
                    : x instanceof CharacterCodingException ? "it is not text in UTF-8" : "it cannot be read";
            throw new TunnelException(
                    TunnelError.BAD_CONFIGURATION, "The login file " + file + " cannot be used: " + why + ".", x);
        }
        if (!any) {
            throw new TunnelException(
                    TunnelError.BAD_CONFIGURATION,
                    "The login file " + file + " holds no login. Write user:password into it.");
        }
    }

    /**
     * Adds one login.
     *
     * @param what where it comes from, to begin a sentence with; the login itself is in no message
     */
    public static void add(TunnelProtection.Builder protection, String login, String what) {
        int colon = login.indexOf(':');
        if (colon < 0) {
            throw new TunnelException(TunnelError.BAD_CONFIGURATION, what + " must have the form user:password.");
        }
        protection.login(login.substring(0, colon), login.substring(colon + 1));
    }
}
