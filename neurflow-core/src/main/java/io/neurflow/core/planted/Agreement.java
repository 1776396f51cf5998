package io.neurflow.core.planted;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** How well what was found agrees with what was planted. */
final class Agreement {
    private Agreement() {}

    /** The share of what was found that is true. */
    static double precision(Set<?> found, Set<?> truth) {
        return found.isEmpty() ? 0 : (double) shared(found, truth) / found.size();
    }

    /** The share of the truth that was found. */
    static double recall(Set<?> found, Set<?> truth) {
        return truth.isEmpty() ? 1 : (double) shared(found, truth) / truth.size();
    }

    static double f1(Set<?> found, Set<?> truth) {
        int all = found.size() + truth.size();
        return all == 0 ? 1 : 2.0 * shared(found, truth) / all;
    }

    private static long shared(Set<?> found, Set<?> truth) {
        return found.stream().filter(truth::contains).count();
    }

    /** The probability that a true item scores above a false one, ties counted half. */
    static double auroc(double[] scores, boolean[] truth) {
        double wins = 0;
        long pairs = 0;
        for (int i = 0; i < scores.length; i++) {
            for (int j = 0; truth[i] && j < scores.length; j++) {
                if (!truth[j]) {
                    pairs++;
                    wins += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
                }
            }
        }
        return pairs == 0 ? Double.NaN : wins / pairs;
    }

    /** Spearman's rank correlation; not a number where all values of one side are the same. */
    static double spearman(double[] x, double[] y) {
        return pearson(ranks(x), ranks(y));
    }

    static double pearson(double[] x, double[] y) {
        double mx = Arrays.stream(x).average().orElse(0);
        double my = Arrays.stream(y).average().orElse(0);
        double xy = 0;
        double xx = 0;
        double yy = 0;
        for (int i = 0; i < x.length; i++) {
            xy += (x[i] - mx) * (y[i] - my);
            xx += (x[i] - mx) * (x[i] - mx);
            yy += (y[i] - my) * (y[i] - my);
        }
        return xy / Math.sqrt(xx * yy);
    }

    /** Mean ranks where values are equal. */
    private static double[] ranks(double[] values) {
        List<Integer> order = IntStream.range(0, values.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> values[i]))
                .toList();
        double[] ranks = new double[values.length];
        int start = 0;
        while (start < values.length) {
            int end = start;
            while (end < values.length && values[order.get(end)] == values[order.get(start)]) {
                end++;
            }
            for (int i = start; i < end; i++) {
                ranks[order.get(i)] = (start + end - 1) / 2.0;
            }
            start = end;
        }
        return ranks;
    }

    /** The adjusted Rand index of two ways to label the same items: 1 if they are the same partition, about 0 by chance. */
    static double adjustedRand(List<?> one, List<?> other) {
        double both = pairs(IntStream.range(0, one.size())
                .mapToObj(i -> (Object) List.of(one.get(i), other.get(i)))
                .toList());
        double first = pairs(one);
        double second = pairs(other);
        double all = one.size() * (one.size() - 1) / 2.0;
        double expected = all == 0 ? 0 : first * second / all;
        double most = (first + second) / 2;
        return most == expected ? 1 : (both - expected) / (most - expected);
    }

    private static double pairs(Collection<?> labels) {
        Map<Object, Long> counts = new HashMap<>(
                labels.stream().collect(Collectors.groupingBy(Function.identity(), Collectors.counting())));
        return counts.values().stream().mapToDouble(n -> n * (n - 1) / 2.0).sum();
    }
}
