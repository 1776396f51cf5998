package io.neurflow.core.label;

import io.neurflow.api.Patch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** Words that many patches share. */
final class Shares {
    private static final double MOST = 0.5;
    private static final double DISTINCT = 0.15;

    private Shares() {}

    /** Words of half the patches or more, those first that are rarer elsewhere. */
    static List<String> common(Map<String, Double> here, Map<String, Double> there) {
        List<String> common = new ArrayList<>(here.keySet());
        // A share is a sum of reciprocals, and rounds.
        common.removeIf(word -> here.getOrDefault(word, 0.0) < MOST - 1e-9);
        common.sort(Comparator.comparingDouble((String word) -> -gain(word, here, there))
                .thenComparing(Comparator.naturalOrder()));
        return common;
    }

    /** Those of them that are rarer elsewhere by a margin. */
    static List<String> distinct(List<String> common, Map<String, Double> here, Map<String, Double> there) {
        return common.stream()
                .filter(word -> gain(word, here, there) >= DISTINCT - 1e-9)
                .toList();
    }

    private static double gain(String word, Map<String, Double> here, Map<String, Double> there) {
        return here.getOrDefault(word, 0.0) - there.getOrDefault(word, 0.0);
    }

    static String describe(List<String> words, Map<String, Double> here, Map<String, Double> there) {
        return words.stream()
                .map(word -> String.format(
                        Locale.ROOT,
                        "%s (%.0f %%, elsewhere %.0f %%)",
                        word,
                        100 * here.getOrDefault(word, 0.0),
                        100 * there.getOrDefault(word, 0.0)))
                .collect(Collectors.joining(", "));
    }

    /** The patch that has the fewest of some words; one of them if there are several. */
    static OddOneOutJudge.Choice fewest(
            List<Patch> patches, Function<Patch, Set<String>> words, Set<String> wanted, RandomGenerator ties) {
        List<Integer> worst = new ArrayList<>();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < patches.size(); i++) {
            long has = words.apply(patches.get(i)).stream()
                    .filter(wanted::contains)
                    .count();
            if (has < least) {
                least = has;
                worst.clear();
            }
            if (has == least) {
                worst.add(i);
            }
        }
        return new OddOneOutJudge.Choice(worst.get(ties.nextInt(worst.size())), Usage.NONE);
    }
}
