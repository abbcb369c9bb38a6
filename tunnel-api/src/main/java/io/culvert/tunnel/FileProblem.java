package io.culvert.tunnel;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;

/** Why a file that the configuration names is of no use, in words that go on a sentence. */
final class FileProblem {
    private FileProblem() {}

    static String of(IOException x) {
        if (x instanceof NoSuchFileException) {
            return "it does not exist";
        }
        if (x instanceof AccessDeniedException) {
            return "this process may not read it";
        }
        if (x instanceof CharacterCodingException) {
            return "it is not text in UTF-8";
        }
        return Objects.requireNonNullElse(x.getMessage(), x.getClass().getSimpleName());
    }
}
