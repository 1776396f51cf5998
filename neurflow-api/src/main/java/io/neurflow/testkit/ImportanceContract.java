package io.neurflow.testkit;

import static io.neurflow.testkit.Closeness.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.neurflow.api.ImportanceScores;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.Quadrature;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What importance scores have to be: those of the plain method, complete, and exact where the block is linear. */
abstract class ImportanceContract extends RefusalContract {
    @Test
    void overriddenImportanceEqualsThePlainOne() {
        try (ModelProbe probe = open()) {
            ModelProbe plain = new PlainDefaults(probe);
            for (Block block : blocks(probe)) {
                for (Neuron target : neurons(block.to())) {
                    for (Quadrature rule : List.of(Quadrature.riemannRight(7), Quadrature.gaussLegendre(5))) {
                        ImportanceScores expected = plain.importance(block.from(), block.activations(), target, rule);
                        ImportanceScores actual = probe.importance(block.from(), block.activations(), target, rule);
                        String what = "importance of " + block.from() + " for " + target + ", " + rule;
                        assertEquals(target, actual.target(), what);
                        assertEquals(block.from(), actual.source(), what);
                        assertClose(expected.values(), actual.values(), 10 * tolerance(probe), what);
                    }
                }
            }
        }
    }

    @Test
    void importanceIsCompleteWithEnoughSteps() {
        assumeFalse(jumpsAtZero(), "what jumps at 0 is not complete with any number of steps");
        try (ModelProbe probe = open()) {
            for (Block block : blocks(probe)) {
                double few = 0;
                double many = 0;
                double scale = 0;
                for (Neuron target : neurons(block.to())) {
                    ImportanceScores coarse =
                            probe.importance(block.from(), block.activations(), target, Quadrature.midpoint(3));
                    ImportanceScores fine = probe.importance(
                            block.from(), block.activations(), target, Quadrature.midpoint(enoughSteps()));
                    for (int v = 0; v < ITEMS; v++) {
                        few += Math.abs(coarse.residual(v));
                        many += Math.abs(fine.residual(v));
                        scale += Math.abs(fine.change(v));
                    }
                }
                double rounding = 10 * tolerance(probe) * scale + Double.MIN_NORMAL;
                String figures = "from " + block.from() + " to " + block.to() + ": residual " + few + " with 3 steps, "
                        + many + " with " + enoughSteps() + ", change " + scale;
                assertTrue(many <= few + rounding, () -> "the residual grows with more steps, " + figures);
                assertTrue(many <= 0.05 * few + 0.02 * scale + rounding, () -> "the residual stays, " + figures);
            }
        }
    }

    @Test
    void importanceThroughALinearBlockNeedsOneStep() {
        try (ModelProbe probe = open()) {
            for (Block block : blocks(probe)) {
                if (!isAffineAlongRays(probe, block)) {
                    continue;
                }
                for (Neuron target : neurons(block.to())) {
                    ImportanceScores one =
                            probe.importance(block.from(), block.activations(), target, Quadrature.riemannRight(1));
                    ImportanceScores fifty =
                            probe.importance(block.from(), block.activations(), target, Quadrature.riemannRight(50));
                    assertClose(fifty.values(), one.values(), 10 * tolerance(probe), "one step to " + target);
                    double allowed = 10 * tolerance(probe) * magnitude(one);
                    assertTrue(one.largestResidual() <= allowed, () -> "residual of a linear block to " + target);
                }
            }
        }
    }

    private static double magnitude(ImportanceScores scores) {
        double largest = 0;
        for (double[] row : scores.values()) {
            double sum = 0;
            for (double value : row) {
                sum += Math.abs(value);
            }
            largest = Math.max(largest, sum);
        }
        return largest;
    }

    /** Whether the block's values on the rays are those of a straight line, as far as the numbers show. */
    private boolean isAffineAlongRays(ModelProbe probe, Block block) {
        double[] factors = {0, 0.13, 0.5, 0.71, 1};
        int n = factors.length;
        double[] y = probe.forward(block.from(), block.activations().scaled(factors), block.to())
                .toDoubles();
        int size = block.to().shape().size();
        double allowed = tolerance(probe) * Closeness.largest(y);
        for (int item = 0; item < ITEMS; item++) {
            for (int f = 0; f < n; f++) {
                for (int i = 0; i < size; i++) {
                    double start = y[item * n * size + i];
                    double end = y[(item * n + n - 1) * size + i];
                    double straight = start + factors[f] * (end - start);
                    if (Math.abs(y[(item * n + f) * size + i] - straight) > allowed) {
                        return false;
                    }
                }
            }
        }
        return true;
    }
}
