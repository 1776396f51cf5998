package io.neurflow.examples.ownprobe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.neurflow.api.ImportanceScores;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import io.neurflow.testkit.ModelProbeContract;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PerceptronProbeTest extends ModelProbeContract {
    @Override
    protected ModelProbe open() {
        Random random = new Random(7);
        int[] sizes = {12, 9, 7, 4};
        double[][][] weights = new double[3][][];
        double[][] biases = new double[3][];
        for (int l = 0; l < 3; l++) {
            weights[l] = new double[sizes[l + 1]][sizes[l]];
            biases[l] = new double[sizes[l + 1]];
            for (int j = 0; j < sizes[l + 1]; j++) {
                biases[l][j] = 0.1 * random.nextGaussian();
                for (int i = 0; i < sizes[l]; i++) {
                    weights[l][j][i] = random.nextGaussian() / 3;
                }
            }
        }
        return new PerceptronProbe("perceptron", new Shape(3, 2, 2), weights, biases);
    }

    /** Two units by hand: relu(2 x - 1) and relu(-x), the logit is 3 a - b. */
    @Test
    void scoresOfANetworkThatCanBeWorkedOutByHand() {
        double[][][] weights = {{{2}, {-1}}, {{3, -1}}};
        double[][] biases = {{-1, 0}, {0.5}};
        try (ModelProbe probe = new PerceptronProbe("by hand", Shape.units(1), weights, biases)) {
            Tensor x = Tensor.ofDoubles(1, Shape.units(1), new double[] {2});
            Tensor hidden = probe.forward(x, probe.layer("hidden0"));
            assertThat(hidden.toDoubles()).containsExactly(3, 0);
            assertThat(probe.forward(x, probe.logits()).toDoubles()).containsExactly(9.5);
            ImportanceScores scores = probe.importance(
                    probe.layer("hidden0"), hidden, probe.logits().neuron(0), Quadrature.midpoint(4));
            assertThat(scores.value(0, 0)).isCloseTo(9, within(1e-12));
            assertThat(scores.value(0, 1)).isZero();
        }
    }
}
