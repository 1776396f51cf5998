package io.neurflow.core.diff;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Spearman's rank correlation. */
final class Ranks {
    private Ranks() {}

    /** Ranks less their mean; equal values share their mean rank. */
    static double[] centred(double[] values) {
        List<Integer> order = IntStream.range(0, values.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> values[i]))
                .toList();
        double[] ranks = new double[values.length];
        int from = 0;
        while (from < values.length) {
            int to = from + 1;
            while (to < values.length && values[order.get(to)] == values[order.get(from)]) {
                to++;
            }
            for (int i = from; i < to; i++) {
                ranks[order.get(i)] = (from + to - 1) / 2.0 - (values.length - 1) / 2.0;
            }
            from = to;
        }
        return ranks;
    }

    /** Of centred ranks; 0 where all values of one are equal. */
    static double correlation(double[] one, double[] other) {
        double product = 0;
        double length = 0;
        double otherLength = 0;
        for (int i = 0; i < one.length; i++) {
            product += one[i] * other[i];
            length += one[i] * one[i];
            otherLength += other[i] * other[i];
        }
        return length == 0 || otherLength == 0 ? 0 : product / Math.sqrt(length * otherLength);
    }
}
