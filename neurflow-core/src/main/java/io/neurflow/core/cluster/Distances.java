package io.neurflow.core.cluster;

/** Euclidean distances. */
final class Distances {
    private Distances() {}

    static double squared(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            double d = a[i] - b[i];
            sum += d * d;
        }
        return sum;
    }

    /** All pairs, [n][n]. */
    static double[][] between(double[][] points) {
        int n = points.length;
        double[][] distances = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = i + 1; j < n; j++) {
                distances[i][j] = Math.sqrt(squared(points[i], points[j]));
                distances[j][i] = distances[i][j];
            }
        }
        return distances;
    }
}
