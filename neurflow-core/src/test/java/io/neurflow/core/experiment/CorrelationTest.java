package io.neurflow.core.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class CorrelationTest {
    @Test
    void pearsonByHand() {
        assertThat(Correlation.pearson(new double[] {1, 2, 3, 4}, new double[] {2, 1, 4, 3}))
                .isCloseTo(0.6, within(1e-12));
    }

    @Test
    void spearmanSharesRanksAmongEqualValues() {
        assertThat(Correlation.ranks(new double[] {3, 1, 3, 2, 3})).containsExactly(4, 1, 4, 2, 4);
        assertThat(Correlation.spearman(new double[] {1, 10, 100}, new double[] {-3, -2, 5}))
                .isCloseTo(1, within(1e-12));
    }

    @Test
    void constantsAndTooFewPairsHaveNone() {
        assertThat(Correlation.pearson(new double[] {1, 1, 1}, new double[] {1, 2, 3}))
                .isNaN();
        assertThat(Correlation.pearson(new double[] {0.1, 0.1 + 1e-17, 0.1}, new double[] {1, 2, 3}))
                .isNaN();
        assertThat(Correlation.pearson(new double[] {1, 2}, new double[] {1, 2}))
                .isNaN();
    }

    @Property(tries = 200, seed = "1")
    void doesNotChangeWithScaleAndShift(
            @ForAll @Size(min = 3, max = 20) List<@DoubleRange(min = -10, max = 10) Double> values,
            @ForAll @DoubleRange(min = 0.5, max = 8) double scale,
            @ForAll @DoubleRange(min = -5, max = 5) double shift) {
        double[] x = values.stream().mapToDouble(Double::doubleValue).toArray();
        double[] y = new double[x.length];
        double[] moved = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = Math.sin(3 * i) + x[i] / 4;
            moved[i] = scale * y[i] + shift;
        }
        double r = Correlation.pearson(x, y);
        if (!Double.isNaN(r)) {
            assertThat(r).isBetween(-1 - 1e-9, 1 + 1e-9);
            assertThat(Correlation.pearson(x, moved)).isCloseTo(r, within(1e-6));
        }
    }
}
