package io.culvert.tunnel.cli;

import io.culvert.tunnel.TunnelError;

/** What the process tells its caller. */
final class ExitCode {
    /** It did what it was asked to, which includes ending when asked to end. */
    static final int OK = 0;
    /** It could not. */
    static final int FAILED = 1;
    /** It was asked for something that cannot be. */
    static final int USAGE = 2;
    /** The relay did not let it. */
    static final int REFUSED = 3;

    private ExitCode() {}

    /** The code for a failure that ended a command. */
    static int of(TunnelError error) {
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
