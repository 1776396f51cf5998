package io.neurflow.core.cluster;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Whether points fall into groups more clearly than one cloud would. Null hypothesis: a normal distribution with the
 * points' own covariance. Draws from it are clustered in the same way, and the points count as several groups only if
 * their best silhouette is above the given quantile of the draws' best silhouettes.
 *
 * <p>A draw is G X / sqrt(n - 1), with X the centred points and G an n x n matrix of standard normals: its rows have the
 * covariance of X. Only inner products matter to Ward and the silhouette, so draws are made in the coordinates of the
 * points' Cholesky factor, n numbers for each point however many channels there are. Not in the paper, which never
 * considers one group.
 */
public final class SingleGroupTest {
    private final int draws;
    private final double quantile;
    private final long seed;

    /**
     * A test.
     *
     * @param draws how many draws from the null hypothesis, 1 or more
     * @param quantile between 0 and 1
     * @param seed of the draws; the same points and seed give the same answer
     */
    public SingleGroupTest(int draws, double quantile, long seed) {
        checkArgument(draws >= 1, "expected one draw or more, but there are %s", draws);
        checkArgument(quantile > 0 && quantile < 1, "expected a quantile between 0 and 1, but it is %s", quantile);
        this.draws = draws;
        this.quantile = quantile;
        this.seed = seed;
    }

    /**
     * Compares the best silhouette with what one cloud gives.
     *
     * @param points [n][m]
     * @param found their clustering
     * @param most the largest number of groups that was tried
     * @return true if one group is enough
     */
    public boolean isOneGroup(double[][] points, Clusters found, int most) {
        if (found.silhouettes().isEmpty()) {
            return found.count() == 1;
        }
        double[][] factor = cholesky(gram(points));
        double[] best = new double[draws];
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < draws; i++) {
            best[i] = Clusters.of(draw(factor, random.split()), most).bestSilhouette();
        }
        Arrays.sort(best);
        int rank = Math.min(draws - 1, (int) Math.ceil(quantile * draws) - 1);
        return found.bestSilhouette() <= best[Math.max(rank, 0)];
    }

    /** Inner products of the centred points. */
    private static double[][] gram(double[][] points) {
        int n = points.length;
        int m = points[0].length;
        double[] centre = new double[m];
        for (double[] point : points) {
            for (int d = 0; d < m; d++) {
                centre[d] += point[d] / n;
            }
        }
        double[][] centred = new double[n][m];
        for (int i = 0; i < n; i++) {
            for (int d = 0; d < m; d++) {
                centred[i][d] = points[i][d] - centre[d];
            }
        }
        double[][] gram = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = 0;
                for (int d = 0; d < m; d++) {
                    sum += centred[i][d] * centred[j][d];
                }
                gram[i][j] = sum;
                gram[j][i] = sum;
            }
        }
        return gram;
    }

    /** L with L L^T = gram, for a matrix that is only positive semidefinite: a pivot that is nothing but rounding is 0. */
    private static double[][] cholesky(double[][] gram) {
        int n = gram.length;
        double largest = 0;
        for (int i = 0; i < n; i++) {
            largest = Math.max(largest, gram[i][i]);
        }
        double[][] factor = new double[n][n];
        for (int j = 0; j < n; j++) {
            double pivot = gram[j][j];
            for (int d = 0; d < j; d++) {
                pivot -= factor[j][d] * factor[j][d];
            }
            if (pivot <= 1e-12 * largest) {
                continue;
            }
            factor[j][j] = Math.sqrt(pivot);
            for (int i = j + 1; i < n; i++) {
                double sum = gram[i][j];
                for (int d = 0; d < j; d++) {
                    sum -= factor[i][d] * factor[j][d];
                }
                factor[i][j] = sum / factor[j][j];
            }
        }
        return factor;
    }

    private static double[][] draw(double[][] factor, SplittableRandom random) {
        int n = factor.length;
        double[][] points = new double[n][n];
        double scale = 1 / Math.sqrt(Math.max(1, n - 1));
        for (double[] point : points) {
            for (int row = 0; row < n; row++) {
                double g = gaussian(random) * scale;
                for (int d = 0; d <= row; d++) {
                    point[d] += g * factor[row][d];
                }
            }
        }
        return points;
    }

    /** Box and Muller's, spelled out so that the draws do not depend on the Java version. */
    private static double gaussian(SplittableRandom random) {
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
        return radius * StrictMath.cos(2 * Math.PI * random.nextDouble());
    }
}
