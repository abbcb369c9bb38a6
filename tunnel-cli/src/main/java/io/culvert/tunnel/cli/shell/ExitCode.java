package io.culvert.tunnel.cli.shell;

import io.culvert.tunnel.TunnelError;

/** What the process tells its caller. */
public final class ExitCode {
    /** It did what it was asked to, which includes ending when asked to end. */
    public static final int OK = 0;
    /** It could not. */
    public static final int FAILED = 1;
    /** It was asked for something that cannot be. */
    public static final int USAGE = 2;
    /** The relay did not let it. */
    public static final int REFUSED = 3;

    private ExitCode() {}

    /** The code for a failure that ended a command. */
    public static int of(TunnelError error) {
        return switch (error) {
            case BAD_CONFIGURATION -> USAGE;
            case UNAUTHORIZED,
                    VERSION_UNSUPPORTED,
                    NO_COMMON_TRANSPORT,
                    NAME_TAKEN,
                    NAME_INVALID,
                    NAME_FORBIDDEN,
                    REPLACED,
                    OVERLOADED -> REFUSED;
            default -> FAILED;
        };
    }
}
