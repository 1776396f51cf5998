package io.neurflow.core.certificate;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/** The two tests that need more than counting. */
final class Statistics {
    private static final int PERMUTATIONS = 199;

    private Statistics() {}

    static double mean(double[] values) {
        return Arrays.stream(values).average().orElse(Double.NaN);
    }

    /** Two-sided sign test of whether one of two is larger as often as the other; ties up to rounding count for neither. */
    static double signTest(double[] one, double[] other) {
        double scale = Arrays.stream(other).map(Math::abs).max().orElse(0);
        int more = 0;
        int less = 0;
        for (int i = 0; i < one.length; i++) {
            double difference = one[i] - other[i];
            if (Math.abs(difference) > 1e-6 * scale) {
                more += difference > 0 ? 1 : 0;
                less += difference > 0 ? 0 : 1;
            }
        }
        int n = more + less;
        double tail = 0;
        double term = Math.pow(0.5, n);
        for (int k = 0; k <= Math.min(more, less); k++) {
            tail += term;
            term *= (double) (n - k) / (k + 1);
        }
        return Math.min(1, 2 * tail);
    }

    /**
     * Permutation test of independence by the Hilbert-Schmidt criterion with Gaussian kernels, whose widths are the median
     * distances (Gretton et al. 2008).
     */
    static double independence(double[] x, double[] y, long seed) {
        double[][] k = centred(kernel(x));
        double[][] l = kernel(y);
        int n = x.length;
        int[] order = IntStream.range(0, n).toArray();
        double own = trace(k, l, order);
        Random random = new Random(seed);
        int asLarge = 0;
        for (int draw = 0; draw < PERMUTATIONS; draw++) {
            for (int i = n - 1; i > 0; i--) {
                int j = random.nextInt(i + 1);
                int swap = order[i];
                order[i] = order[j];
                order[j] = swap;
            }
            asLarge += trace(k, l, order) >= own * (1 - 1e-12) ? 1 : 0;
        }
        return (1.0 + asLarge) / (1 + PERMUTATIONS);
    }

    private static double[][] kernel(double[] x) {
        int n = x.length;
        double scale = Arrays.stream(x).map(Math::abs).max().orElse(0);
        double[] distances = IntStream.range(0, n * n)
                .mapToDouble(i -> Math.abs(x[i / n] - x[i % n]))
                // rounding is no dependence
                .filter(d -> d > 1e-6 * scale)
                .sorted()
                .toArray();
        double[][] kernel = new double[n][n];
        double width = distances.length == 0 ? 0 : distances[distances.length / 2];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                kernel[i][j] = width == 0 ? 1 : Math.exp(-Math.pow((x[i] - x[j]) / width, 2) / 2);
            }
        }
        return kernel;
    }

    private static double[][] centred(double[][] kernel) {
        int n = kernel.length;
        double[] rows = Arrays.stream(kernel).mapToDouble(Statistics::mean).toArray();
        double all = mean(rows);
        double[][] centred = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                centred[i][j] = kernel[i][j] - rows[i] - rows[j] + all;
            }
        }
        return centred;
    }

    private static double trace(double[][] k, double[][] l, int[] order) {
        double sum = 0;
        for (int i = 0; i < order.length; i++) {
            for (int j = 0; j < order.length; j++) {
                sum += k[i][j] * l[order[i]][order[j]];
            }
        }
        return sum;
    }
}
