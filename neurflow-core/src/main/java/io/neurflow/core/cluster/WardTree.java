package io.neurflow.core.cluster;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.stream.IntStream;
import smile.clustering.HierarchicalClustering;

/**
 * Agglomerative clustering with Ward's criterion in Euclidean space: from single points upwards, the two clusters A, B with
 * the smallest |A||B| / (|A| + |B|) ||mean A - mean B||&sup2; are merged. On exact ties the pair that is smallest in
 * lexicographic order is, a cluster being called by its lowest member, so that the result is a function of the data alone.
 *
 * <p>The tree is Smile's. The merges are found here because Smile's linkage keeps distances in single precision and breaks
 * ties by where its search happens to look first; and the tree is cut here because {@code HierarchicalClustering.partition}
 * of Smile 2.6.0 returns too few groups now and then. O(n&sup2; m) time for n points of m coordinates.
 */
public final class WardTree {
    private final int points;
    private final HierarchicalClustering tree;

    private WardTree(int points, HierarchicalClustering tree) {
        this.points = points;
        this.tree = tree;
    }

    /**
     * Clusters points.
     *
     * @param points [n][m], n of 2 or more; not changed
     * @return the tree
     */
    public static WardTree of(double[][] points) {
        checkArgument(points.length >= 2, "expected two points or more to cluster, but there are %s", points.length);
        return new WardTree(points.length, new Merging(points).run());
    }

    /**
     * The heights of the merges: the square root of twice the increase in the sum of squares, as Smile and SciPy have it.
     *
     * @return n - 1 values, non-decreasing
     */
    public double[] heights() {
        return tree.getHeight().clone();
    }

    /**
     * Cuts the tree.
     *
     * @param groups how many groups, 1 to n
     * @return for each point its group; groups are numbered by first appearance
     */
    public int[] labels(int groups) {
        checkArgument(groups >= 1 && groups <= points, "expected 1 to %s groups, but there are %s", points, groups);
        int[][] merges = tree.getTree();
        // The lowest member of every cluster; merges come in the order in which they were made.
        int[] lowest = new int[points + merges.length];
        int[] labels = new int[points];
        for (int i = 0; i < points; i++) {
            lowest[i] = i;
            labels[i] = i;
        }
        for (int step = 0; step < points - groups; step++) {
            int a = lowest[merges[step][0]];
            int b = lowest[merges[step][1]];
            lowest[points + step] = Math.min(a, b);
            for (int i = 0; i < points; i++) {
                if (labels[i] == Math.max(a, b)) {
                    labels[i] = Math.min(a, b);
                }
            }
        }
        return byFirstAppearance(labels);
    }

    private static int[] byFirstAppearance(int[] labels) {
        int[] renamed = new int[labels.length];
        int next = 0;
        int[] result = new int[labels.length];
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] == i) {
                renamed[i] = next++;
            }
            result[i] = renamed[labels[i]];
        }
        return result;
    }

    /** The merging itself; slot i holds the cluster whose lowest member is point i, until a lower one swallows it. */
    private static final class Merging {
        private final int n;
        private final double[][] mean;
        private final double[] size;
        private final boolean[] alive;
        /** Of each slot, the cheapest partner among the higher slots, and what it costs to merge with it. */
        private final int[] partner;

        private final double[] cost;

        Merging(double[][] points) {
            n = points.length;
            mean = new double[n][];
            for (int i = 0; i < n; i++) {
                mean[i] = points[i].clone();
            }
            size = new double[n];
            Arrays.fill(size, 1);
            alive = new boolean[n];
            Arrays.fill(alive, true);
            partner = new int[n];
            cost = new double[n];
        }

        HierarchicalClustering run() {
            int[] id = new int[n];
            Arrays.setAll(id, i -> i);
            IntStream.range(0, n).parallel().forEach(this::findPartner);
            int[][] merges = new int[n - 1][];
            double[] heights = new double[n - 1];
            for (int step = 0; step < n - 1; step++) {
                int a = cheapest();
                int b = partner[a];
                merges[step] = new int[] {Math.min(id[a], id[b]), Math.max(id[a], id[b])};
                // Rounding may make a merge a hair cheaper than the one before; in exact arithmetic it never is.
                heights[step] = Math.max(Math.sqrt(2 * cost[a]), step == 0 ? 0 : heights[step - 1]);
                merge(a, b);
                id[a] = n + step;
            }
            return new HierarchicalClustering(merges, heights);
        }

        private int cheapest() {
            int best = -1;
            for (int i = 0; i < n; i++) {
                if (alive[i] && partner[i] >= 0 && (best < 0 || cost[i] < cost[best])) {
                    best = i;
                }
            }
            return best;
        }

        private void merge(int a, int b) {
            double together = size[a] + size[b];
            for (int d = 0; d < mean[a].length; d++) {
                mean[a][d] = (size[a] * mean[a][d] + size[b] * mean[b][d]) / together;
            }
            size[a] = together;
            alive[b] = false;
            findPartner(a);
            // Each slot looks at means and sizes, which stay as they are, and writes to its own place.
            IntStream.range(0, n).parallel().filter(i -> alive[i] && i != a).forEach(i -> {
                if (partner[i] == a || partner[i] == b) {
                    findPartner(i);
                } else if (i < a) {
                    double c = cost(i, a);
                    if (c < cost[i] || (c == cost[i] && a < partner[i])) {
                        partner[i] = a;
                        cost[i] = c;
                    }
                }
            });
        }

        private void findPartner(int i) {
            partner[i] = -1;
            cost[i] = Double.POSITIVE_INFINITY;
            for (int j = i + 1; j < n; j++) {
                if (alive[j]) {
                    double c = cost(i, j);
                    if (partner[i] < 0 || c < cost[i]) {
                        partner[i] = j;
                        cost[i] = c;
                    }
                }
            }
        }

        private double cost(int i, int j) {
            return size[i] * size[j] / (size[i] + size[j]) * Distances.squared(mean[i], mean[j]);
        }
    }
}
