package io.neurflow.core.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import com.google.common.primitives.ImmutableIntArray;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ClustersTest {

    @Test
    void silhouetteOfTwoPairsByHand() {
        // Points 0, 1 and 10, 12: a = 1, 1, 2, 2; b = 11, 10, 9.5, 11.5.
        double[][] distances = Distances.between(new double[][] {{0}, {1}, {10}, {12}});
        double expected = (10.0 / 11 + 9.0 / 10 + 7.5 / 9.5 + 9.5 / 11.5) / 4;
        assertThat(Silhouette.mean(distances, new int[] {0, 0, 1, 1})).isCloseTo(expected, offset(1e-12));
    }

    @Test
    void aPointAloneAndEqualPointsCountNothing() {
        assertThat(Silhouette.mean(Distances.between(new double[][] {{0}, {5}}), new int[] {0, 1}))
                .isZero();
        assertThat(Silhouette.mean(Distances.between(new double[4][1]), new int[] {0, 0, 1, 1}))
                .isZero();
    }

    @Property(tries = 50)
    void silhouettesLieBetweenMinusOneAndOne(@ForAll long seed, @ForAll @IntRange(min = 3, max = 20) int n) {
        Clusters clusters = Clusters.of(WardTreeTest.random(seed, n, 2, true), 6);
        assertThat(clusters.silhouettes().values())
                .allSatisfy(s -> assertThat(s).isBetween(-1.0, 1.0));
        assertThat(clusters.silhouettes().keySet()).containsExactlyElementsOf(range(2, Math.min(6, n - 1)));
    }

    private static Iterable<Integer> range(int from, int to) {
        return java.util.stream.IntStream.rangeClosed(from, to).boxed().toList();
    }

    @Test
    void threeCloudsAreFound() {
        SplittableRandom random = new SplittableRandom(3);
        double[][] points = new double[30][2];
        for (int i = 0; i < points.length; i++) {
            points[i][0] = 10 * (i % 3) + random.nextDouble();
            points[i][1] = random.nextDouble();
        }
        Clusters clusters = Clusters.of(points, 5);
        assertThat(clusters.count()).isEqualTo(3);
        assertThat(clusters.labels().subArray(0, 6)).isEqualTo(ImmutableIntArray.of(0, 1, 2, 0, 1, 2));
    }

    @Test
    void oneAndTwoPointsAreOneAndTwoGroups() {
        assertThat(Clusters.of(new double[][] {{1}}, 5).count()).isEqualTo(1);
        assertThat(Clusters.of(new double[][] {{1}, {2}}, 5).count()).isEqualTo(2);
    }

    @Test
    void oneCloudIsMostlyTakenForOneAndTwoCloudsForTwo() {
        SingleGroupTest test = new SingleGroupTest(39, 0.95, 1);
        int one = 0;
        for (long seed = 0; seed < 40; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            double[][] cloud = new double[40][12];
            double[][] two = new double[40][12];
            for (int i = 0; i < cloud.length; i++) {
                for (int d = 0; d < 12; d++) {
                    double g = (1 + d % 3) * (random.nextDouble() + random.nextDouble() + random.nextDouble() - 1.5);
                    cloud[i][d] = g;
                    two[i][d] = g + (i % 2) * 4;
                }
            }
            one += test.isOneGroup(cloud, Clusters.of(cloud, 5), 5) ? 1 : 0;
            assertThat(test.isOneGroup(two, Clusters.of(two, 5), 5))
                    .as("two clouds, seed " + seed)
                    .isFalse();
        }
        assertThat(one).as("of 40 single clouds").isGreaterThanOrEqualTo(36);
    }
}
