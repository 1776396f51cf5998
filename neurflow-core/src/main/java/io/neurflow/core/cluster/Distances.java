package io.neurflow.core.cluster;

import java.util.stream.IntStream;

/** Euclidean distances. */
final class Distances {
    private Distances() {}

    /** Four sums at a time, which do not wait for each other. */
    static double squared(double[] a, double[] b) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int i = 0;
        for (; i + 3 < a.length; i += 4) {
            double d0 = a[i] - b[i];
            double d1 = a[i + 1] - b[i + 1];
            double d2 = a[i + 2] - b[i + 2];
            double d3 = a[i + 3] - b[i + 3];
            s0 += d0 * d0;
            s1 += d1 * d1;
            s2 += d2 * d2;
            s3 += d3 * d3;
        }
        for (; i < a.length; i++) {
            s0 += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return (s0 + s1) + (s2 + s3);
    }

    /** All pairs, [n][n]. */
    static double[][] between(double[][] points) {
        int n = points.length;
        double[][] distances = new double[n][n];
        IntStream.range(0, n).parallel().forEach(i -> {
            for (int j = i + 1; j < n; j++) {
                distances[i][j] = Math.sqrt(squared(points[i], points[j]));
                distances[j][i] = distances[i][j];
            }
        });
        return distances;
    }
}
