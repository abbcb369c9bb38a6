package io.culvert.tunnel.cli.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Which word was meant. */
final class Guess {
    private Guess() {}

    /** The known word that is nearest, if it is near: a few letters of difference, the same letters in another order, or one within the other. */
    static Optional<String> of(String word, Collection<String> known) {
        String folded = fold(word);
        return known.stream()
                .filter(candidate -> isNear(folded, fold(candidate)))
                .min(Comparator.comparingInt(candidate -> distance(folded, fold(candidate))));
    }

    /** Hyphens, underscores and capitals are matters of taste. */
    private static String fold(String word) {
        return word.toLowerCase(Locale.ROOT).replaceAll("[-_]", "");
    }

    private static boolean isNear(String word, String candidate) {
        boolean within =
                word.length() >= 3 && candidate.contains(word) || candidate.length() >= 4 && word.contains(candidate);
        return within
                || letters(word).equals(letters(candidate))
                || distance(word, candidate) <= Math.max(1, candidate.length() / 3);
    }

    private static List<Integer> letters(String word) {
        return word.chars().sorted().boxed().toList();
    }

    /** Levenshtein's distance. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = row[j];
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(change, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[b.length()];
    }
}
