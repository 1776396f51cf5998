package io.neurflow.core.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import smile.clustering.HierarchicalClustering;
import smile.clustering.linkage.WardLinkage;

class WardTreeTest {

    /** Ward as its definition reads: all pairs of clusters looked at for every merge. */
    private static int[] slowLabels(double[][] points, int groups) {
        List<List<Integer>> clusters = new ArrayList<>();
        for (int i = 0; i < points.length; i++) {
            clusters.add(new ArrayList<>(List.of(i)));
        }
        while (clusters.size() > groups) {
            int bestA = 0;
            int bestB = 1;
            double best = Double.POSITIVE_INFINITY;
            for (int a = 0; a < clusters.size(); a++) {
                for (int b = a + 1; b < clusters.size(); b++) {
                    double na = clusters.get(a).size();
                    double nb = clusters.get(b).size();
                    double[] ma = mean(points, clusters.get(a));
                    double[] mb = mean(points, clusters.get(b));
                    double cost = na * nb / (na + nb) * Distances.squared(ma, mb);
                    if (cost < best) {
                        best = cost;
                        bestA = a;
                        bestB = b;
                    }
                }
            }
            clusters.get(bestA).addAll(clusters.remove(bestB));
        }
        int[] labels = new int[points.length];
        for (int g = 0; g < clusters.size(); g++) {
            for (int i : clusters.get(g)) {
                labels[i] = g;
            }
        }
        return labels;
    }

    private static double[] mean(double[][] points, List<Integer> which) {
        double[] mean = new double[points[0].length];
        for (int i : which) {
            for (int d = 0; d < mean.length; d++) {
                mean[d] += points[i][d] / which.size();
            }
        }
        return mean;
    }

    static double[][] random(long seed, int n, int m, boolean grid) {
        SplittableRandom random = new SplittableRandom(seed);
        double[][] points = new double[n][m];
        for (double[] point : points) {
            for (int d = 0; d < m; d++) {
                point[d] = grid ? random.nextInt(4) : random.nextDouble();
            }
        }
        return points;
    }

    @Property(tries = 60)
    void agreesWithTheDefinition(
            @ForAll long seed, @ForAll @IntRange(min = 2, max = 16) int n, @ForAll @IntRange(min = 1, max = 4) int m) {
        double[][] points = random(seed, n, m, false);
        WardTree tree = WardTree.of(points);
        for (int groups = 1; groups <= n; groups++) {
            assertThat(tree.labels(groups)).isEqualTo(slowLabels(points, groups));
        }
    }

    /** Powers of two keep the means of pairs and fours exact, so that ties are ties in both. */
    @Test
    void tiesGoToThePairThatIsFirstInLexicographicOrder() {
        double[][] square = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
        assertThat(WardTree.of(square).labels(3)).containsExactly(0, 0, 1, 2);
        assertThat(WardTree.of(square).labels(2)).containsExactly(0, 0, 1, 1);
        double[][] line = {{0}, {1}, {2}, {3}, {4}, {5}, {6}, {7}};
        for (int groups = 1; groups <= line.length; groups++) {
            assertThat(WardTree.of(line).labels(groups)).isEqualTo(slowLabels(line, groups));
        }
    }

    @Property(tries = 40)
    void agreesWithSmilesOwnLinkageWhereThereAreNoTies(@ForAll long seed, @ForAll @IntRange(min = 3, max = 30) int n) {
        double[][] points = random(seed, n, 3, false);
        HierarchicalClustering smile = HierarchicalClustering.fit(WardLinkage.of(points));
        WardTree tree = WardTree.of(points);
        for (int i = 0; i < n - 1; i++) {
            assertThat(tree.heights()[i]).isCloseTo(smile.getHeight()[i], org.assertj.core.data.Offset.offset(1e-3));
        }
    }

    @Property(tries = 40)
    void heightsNeverFall(@ForAll long seed, @ForAll @IntRange(min = 2, max = 40) int n) {
        double[] heights = WardTree.of(random(seed, n, 2, true)).heights();
        double[] sorted = heights.clone();
        Arrays.sort(sorted);
        assertThat(heights).isEqualTo(sorted);
    }

    @Property(tries = 40)
    void groupsDoNotDependOnTheOrderOfThePoints(@ForAll long seed, @ForAll @IntRange(min = 3, max = 20) int n) {
        double[][] points = random(seed, n, 3, false);
        double[][] reversed = new double[n][];
        for (int i = 0; i < n; i++) {
            reversed[i] = points[n - 1 - i];
        }
        int[] one = WardTree.of(points).labels(3);
        int[] other = WardTree.of(reversed).labels(3);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                assertThat(one[i] == one[j]).isEqualTo(other[n - 1 - i] == other[n - 1 - j]);
            }
        }
    }

    @Test
    void onePointIsRefused() {
        assertThatThrownBy(() -> WardTree.of(new double[][] {{1}}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected two points or more to cluster, but there are 1");
    }
}
