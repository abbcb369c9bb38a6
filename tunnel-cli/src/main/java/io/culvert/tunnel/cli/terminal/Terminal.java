package io.culvert.tunnel.cli.terminal;

/** Standard output, if it is a terminal on which lines can be drawn again. */
public interface Terminal {
    /** No terminal: a file, a pipe, or one that only prints. */
    Terminal NONE = new Terminal() {
        @Override
        public boolean isThere() {
            return false;
        }

        @Override
        public boolean takesErrors() {
            return false;
        }

        @Override
        public Size size() {
            return Size.USUAL;
        }
    };

    /** Whether there is one. The first call may take some milliseconds. */
    boolean isThere();

    /** Whether standard error goes to a terminal too, most likely the same. */
    boolean takesErrors();

    /** How large it is now. Asks the system: not for every frame. */
    Size size();
}
