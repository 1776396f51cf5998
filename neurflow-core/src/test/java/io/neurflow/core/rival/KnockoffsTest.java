package io.neurflow.core.rival;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Precision;
import io.neurflow.api.Tensor;
import io.neurflow.testkit.PlantedCircuits;
import io.neurflow.testkit.PlantedModel;
import io.neurflow.testkit.PlantedProbe;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KnockoffsTest {
    /** Each column goes with the one before it. */
    private static double[][] correlated(int rows, int columns, long seed) {
        Random random = new Random(seed);
        double[][] x = new double[rows][columns];
        for (double[] row : x) {
            for (int c = 0; c < columns; c++) {
                row[c] = c == 0 ? random.nextGaussian() : 0.6 * row[c - 1] + 0.8 * random.nextGaussian();
            }
        }
        for (int c = 0; c < columns; c++) {
            int column = c;
            double mean =
                    Arrays.stream(x).mapToDouble(row -> row[column]).average().orElseThrow();
            double deviation = Math.sqrt(Arrays.stream(x)
                    .mapToDouble(row -> Math.pow(row[column] - mean, 2))
                    .average()
                    .orElseThrow());
            for (double[] row : x) {
                row[c] = (row[c] - mean) / deviation;
            }
        }
        return x;
    }

    private static double[][] covariance(double[][] x, double[][] y) {
        double[][] sums = new double[x[0].length][y[0].length];
        for (int v = 0; v < x.length; v++) {
            for (int i = 0; i < sums.length; i++) {
                for (int j = 0; j < sums[i].length; j++) {
                    sums[i][j] += x[v][i] * y[v][j] / x.length;
                }
            }
        }
        return sums;
    }

    @ParameterizedTest
    @CsvSource({"40,6", "6,40", "12,12"})
    void functionsOfTheCovarianceAreThoseOfItsMatrix(int rows, int columns) {
        double[][] x = correlated(rows, columns, 3);
        Spectrum spectrum = Spectrum.of(x);
        double[][] sigma = covariance(x, x);
        double delta = spectrum.ridge();
        assertThat(delta).isBetween(1e-3, 1.0).isCloseTo(ledoitWolf(x, sigma), within(1e-9));
        Random random = new Random(1);
        double[] v = random.doubles(columns, -1, 1).toArray();
        double[] inverse = spectrum.apply(value -> 1 / value, v);
        double[] root = spectrum.apply(Math::sqrt, spectrum.apply(Math::sqrt, v));
        for (int i = 0; i < columns; i++) {
            double back = delta * inverse[i];
            double product = delta * v[i];
            for (int j = 0; j < columns; j++) {
                back += (1 - delta) * sigma[i][j] * inverse[j];
                product += (1 - delta) * sigma[i][j] * v[j];
            }
            assertThat(back).isCloseTo(v[i], within(1e-9));
            assertThat(root[i]).isCloseTo(product, within(1e-9));
        }
        // no direction has less variance than the least eigenvalue says
        double[] least = spectrum.apply(value -> value > spectrum.least() * (1 + 1e-9) ? 0 : 1, v);
        double norm = Arrays.stream(least).map(a -> a * a).sum();
        double[] stretched = spectrum.apply(value -> value, least);
        assertThat(norm).isPositive();
        assertThat(IntStream.range(0, columns)
                                .mapToDouble(i -> least[i] * stretched[i])
                                .sum()
                        / norm)
                .isCloseTo(spectrum.least(), within(1e-9));
    }

    /** Ledoit and Wolf's intensity with all matrices written out. */
    private static double ledoitWolf(double[][] x, double[][] r) {
        double d = 0;
        double b = 0;
        for (int i = 0; i < r.length; i++) {
            for (int j = 0; j < r.length; j++) {
                d += Math.pow(r[i][j] - (i == j ? 1 : 0), 2);
                for (double[] row : x) {
                    b += Math.pow(row[i] * row[j] - r[i][j], 2) / x.length / x.length;
                }
            }
        }
        return Math.max(1e-3, Math.min(1, b / d));
    }

    @Test
    void copiesGoWithTheOthersAsTheirOriginalsDoAndDifferFromThemByS() {
        double[][] x = correlated(20_000, 5, 7);
        double[][] copies = Knockoffs.copies(x, new Random(2));
        double s = Knockoffs.equicorrelated(Spectrum.of(x));
        assertThat(s).isBetween(0.1, 1.0);
        double[][] own = covariance(x, x);
        double[][] their = covariance(copies, copies);
        double[][] between = covariance(x, copies);
        for (int i = 0; i < 5; i++) {
            for (int j = 0; j < 5; j++) {
                assertThat(their[i][j]).isCloseTo(own[i][j], within(0.03));
                assertThat(between[i][j]).isCloseTo(own[i][j] - (i == j ? s : 0), within(0.03));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theLassoSatisfiesItsConditionsOfOptimality(long seed) {
        Random random = new Random(seed);
        int n = 30;
        double[][] columns = IntStream.range(0, 50)
                .mapToObj(c -> random.doubles(n, -1, 1).toArray())
                .toArray(double[][]::new);
        double[] y = IntStream.range(0, n)
                .mapToDouble(v -> 2 * columns[3][v] - columns[10][v] + 0.1 * random.nextGaussian())
                .toArray();
        double lambda = 0.05;
        double[] beta = Lasso.path(columns, y, new double[] {0.2, lambda})[1];
        double[] residual = y.clone();
        for (int v = 0; v < n; v++) {
            for (int c = 0; c < columns.length; c++) {
                residual[v] -= beta[c] * columns[c][v];
            }
        }
        for (int c = 0; c < columns.length; c++) {
            int column = c;
            double pull = IntStream.range(0, n)
                            .mapToDouble(v -> columns[column][v] * residual[v])
                            .sum()
                    / n;
            if (beta[c] == 0) {
                assertThat(Math.abs(pull)).isLessThanOrEqualTo(lambda + 1e-6);
            } else {
                assertThat(pull).isCloseTo(Math.signum(beta[c]) * lambda, within(1e-6));
            }
        }
        assertThat(beta[3]).isGreaterThan(1);
    }

    @Test
    void columnsThatMatterScoreAndCorrelatedOnesThatDoNotScoreNothingOrLess() {
        int found = 0;
        for (long seed = 1; seed <= 20; seed++) {
            double[][] x = correlated(80, 12, seed);
            Random noise = new Random(-seed);
            double[] y = Arrays.stream(x)
                    .mapToDouble(row -> 2 * row[2] - 2 * row[7] + 0.3 * noise.nextGaussian())
                    .toArray();
            double[] scores = Knockoffs.scores(x, y, new Random(seed));
            int[] order = IntStream.range(0, 12)
                    .boxed()
                    .sorted((a, b) -> Double.compare(scores[b], scores[a]))
                    .mapToInt(c -> c)
                    .toArray();
            found += order[0] + order[1] == 9 && order[0] * order[1] == 14 ? 1 : 0;
            assertThat(Knockoffs.scores(x, y, new Random(seed))).isEqualTo(scores);
            assertThat(scores).doesNotContain(Double.NaN);
        }
        assertThat(found).isGreaterThanOrEqualTo(19);
    }

    @Test
    void whatDoesNotVaryScoresNothing() {
        double[][] x = correlated(30, 4, 1);
        double[] y = Arrays.stream(x).mapToDouble(row -> row[1]).toArray();
        for (double[] row : x) {
            row[0] = 7;
        }
        double[] scores = Knockoffs.scores(x, y, new Random(1));
        assertThat(scores[0]).isZero();
        assertThat(scores[1]).isPositive();
        assertThat(Knockoffs.scores(x, new double[30], new Random(1))).containsOnly(0);
    }

    @Test
    void theRankingGivesTheSameForTheSameSeed() {
        PlantedModel model = PlantedCircuits.thresholds(1);
        try (PlantedProbe probe = model.probe()) {
            var source = probe.layers().get(probe.layers().size() - 2);
            Tensor maps =
                    probe.forward(model.pictures().inputs(ImmutableIntArray.copyOf(IntStream.range(0, 60))), source);
            Question question = new Question(probe, model.truth().root().in(probe), source, maps);
            double[] scores = Rivals.knockoffs(4).scores(question);
            assertThat(scores).hasSize(source.shape().channels());
            assertThat(Arrays.stream(scores).max().orElseThrow()).isPositive();
            assertThat(Rivals.knockoffs(4).scores(question)).isEqualTo(scores);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Rivals.knockoffs(1)
                            .scores(new Question(
                                    probe,
                                    model.truth().root().in(probe),
                                    source,
                                    Tensor.zeros(2, source.shape(), Precision.FLOAT64))))
                    .withMessageContaining("3 patches or more");
        }
    }
}
