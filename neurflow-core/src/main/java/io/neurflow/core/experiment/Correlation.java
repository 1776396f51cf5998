package io.neurflow.core.experiment;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Comparator;
import java.util.stream.IntStream;

/** Correlation coefficients. */
final class Correlation {
    private Correlation() {}

    /** Pearson's r, in double precision about the means; NaN with fewer than three pairs or where one side is constant. */
    static double pearson(double[] x, double[] y) {
        checkArgument(x.length == y.length, "expected pairs, but there are %s and %s values", x.length, y.length);
        int n = x.length;
        if (n < 3) {
            return Double.NaN;
        }
        double meanX = IntStream.range(0, n).mapToDouble(i -> x[i]).average().orElseThrow();
        double meanY = IntStream.range(0, n).mapToDouble(i -> y[i]).average().orElseThrow();
        double xx = 0;
        double yy = 0;
        double xy = 0;
        for (int i = 0; i < n; i++) {
            xx += (x[i] - meanX) * (x[i] - meanX);
            yy += (y[i] - meanY) * (y[i] - meanY);
            xy += (x[i] - meanX) * (y[i] - meanY);
        }
        return isConstant(xx, x) || isConstant(yy, y) ? Double.NaN : xy / Math.sqrt(xx * yy);
    }

    /** What rounding leaves of equal values does not vary. */
    private static boolean isConstant(double squares, double[] values) {
        double largest = 0;
        for (double value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return !(squares > 1e-20 * values.length * largest * largest);
    }

    /** Spearman's rho: Pearson's r of the ranks, equal values sharing theirs. */
    static double spearman(double[] x, double[] y) {
        return pearson(ranks(x), ranks(y));
    }

    /** From 1; the mean rank for equal values. */
    static double[] ranks(double[] values) {
        int[] order = IntStream.range(0, values.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> values[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        double[] ranks = new double[values.length];
        for (int start = 0; start < order.length; ) {
            int end = start + 1;
            while (end < order.length && values[order[end]] == values[order[start]]) {
                end++;
            }
            for (int i = start; i < end; i++) {
                ranks[order[i]] = (start + 1 + end) / 2.0;
            }
            start = end;
        }
        return ranks;
    }
}
