package io.neurflow.api;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Finds the names that someone who mistyped one may have meant, for messages. */
public final class NearestNames {
    private NearestNames() {}

    /**
     * The three names with the smallest edit distance (Levenshtein, without regard to case) from a wrong one.
     *
     * @param wrong what was typed
     * @param names what there is
     * @return at most three, the nearest first, in the order given on ties
     */
    public static List<String> of(String wrong, Collection<String> names) {
        return names.stream()
                .sorted(Comparator.comparingInt((String name) -> distance(wrong, name)))
                .limit(3)
                .toList();
    }

    /** The edit distance of Levenshtein, without regard to case. */
    private static int distance(String a, String b) {
        String one = a.toLowerCase(Locale.ROOT);
        String other = b.toLowerCase(Locale.ROOT);
        int[] above = new int[other.length() + 1];
        for (int j = 0; j < above.length; j++) {
            above[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int[] row = new int[above.length];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int change = above[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(change, Math.min(above[j], row[j - 1]) + 1);
            }
            above = row;
        }
        return above[other.length()];
    }
}
