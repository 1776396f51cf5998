package io.neurflow.core.cluster;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.primitives.ImmutableIntArray;

/**
 * Points put into groups by Algorithm 2: Ward's tree, cut where the mean silhouette is highest.
 *
 * @param labels group of each point, numbered by first appearance
 * @param silhouettes mean silhouette for each number of groups that was tried
 */
public record Clusters(ImmutableIntArray labels, ImmutableSortedMap<Integer, Double> silhouettes) {

    /**
     * Algorithm 2 with n = 2 .. min(most, points - 1); the smallest n wins a tie. One point is one group; two points are
     * two groups.
     *
     * @param points [n][m], n of 1 or more
     * @param most the largest number of groups to try, 2 or more
     * @return the groups
     */
    public static Clusters of(double[][] points, int most) {
        checkArgument(points.length > 0, "expected points to cluster, but there are none");
        checkArgument(most >= 2, "expected to try two groups or more, but the most is %s", most);
        if (points.length == 1) {
            return single(1);
        }
        WardTree tree = WardTree.of(points);
        double[][] distances = Distances.between(points);
        ImmutableSortedMap.Builder<Integer, Double> silhouettes = ImmutableSortedMap.naturalOrder();
        int bestCount = 2;
        double best = Double.NEGATIVE_INFINITY;
        for (int count = 2; count <= Math.min(most, points.length - 1); count++) {
            double value = Silhouette.mean(distances, tree.labels(count));
            silhouettes.put(count, value);
            if (value > best) {
                best = value;
                bestCount = count;
            }
        }
        return new Clusters(ImmutableIntArray.copyOf(tree.labels(bestCount)), silhouettes.buildOrThrow());
    }

    /**
     * One group, without a question.
     *
     * @param points how many points
     * @return all of them in group 0
     */
    public static Clusters single(int points) {
        return new Clusters(ImmutableIntArray.copyOf(new int[points]), ImmutableSortedMap.of());
    }

    /**
     * Everything in one group, the silhouettes kept.
     *
     * @return a changed copy
     */
    public Clusters merged() {
        return new Clusters(ImmutableIntArray.copyOf(new int[labels.length()]), silhouettes);
    }

    /**
     * Number of groups.
     *
     * @return 1 or more
     */
    public int count() {
        return labels.stream().max().orElseThrow() + 1;
    }

    /**
     * The best mean silhouette that was found.
     *
     * @return the maximum of {@link #silhouettes()}, or 0 if none was tried
     */
    public double bestSilhouette() {
        return silhouettes.values().stream()
                .mapToDouble(Double::doubleValue)
                .max()
                .orElse(0);
    }
}
