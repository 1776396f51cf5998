package io.neurflow.core.cluster;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;

/**
 * The silhouette of Rousseeuw (1987): for each point (b - a) / max(a, b), with a the mean distance to the rest of its own
 * group and b the smallest mean distance to another group. A point alone in its group counts 0, and so does 0/0.
 */
public final class Silhouette {
    private Silhouette() {}

    /**
     * The mean over all points.
     *
     * @param distances symmetric, [n][n]
     * @param labels group of each point, 0 up to the number of groups; two groups or more
     * @return between -1 and 1
     */
    public static double mean(double[][] distances, int[] labels) {
        int groups = Arrays.stream(labels).max().orElse(-1) + 1;
        checkArgument(groups >= 2, "expected two groups or more, but there are %s", groups);
        int[] sizes = new int[groups];
        for (int label : labels) {
            sizes[label]++;
        }
        double total = 0;
        double[] sums = new double[groups];
        for (int i = 0; i < labels.length; i++) {
            if (sizes[labels[i]] == 1) {
                continue;
            }
            Arrays.fill(sums, 0);
            for (int j = 0; j < labels.length; j++) {
                sums[labels[j]] += distances[i][j];
            }
            double a = sums[labels[i]] / (sizes[labels[i]] - 1);
            double b = Double.POSITIVE_INFINITY;
            for (int g = 0; g < groups; g++) {
                if (g != labels[i]) {
                    b = Math.min(b, sums[g] / sizes[g]);
                }
            }
            total += Math.max(a, b) == 0 ? 0 : (b - a) / Math.max(a, b);
        }
        return total / labels.length;
    }
}
