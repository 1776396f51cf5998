package io.neurflow.core.ray;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.samediff.SameDiffProbe;
import java.util.Map;
import java.util.Random;

/** Holds the fast way to the plain one. */
final class Twins {
    private static final double SCORES = 5e-4;
    private static final double CHANGES = 1e-4;

    private Twins() {}

    /** Values of both signs, about a third of them exactly 0; the last item is 0 everywhere. */
    static Tensor activations(long seed, int count, Shape shape) {
        Random random = new Random(seed);
        float[] values = new float[count * shape.size()];
        for (int i = 0; i < values.length - shape.size(); i++) {
            float value = (float) random.nextGaussian();
            values[i] = random.nextInt(3) == 0 ? 0 : value;
        }
        return Tensor.ofFloats(count, shape, values);
    }

    /** All channels as targets, with lists of patches that overlap, are disjoint, empty, or name one patch twice. */
    static Map<Neuron, ImmutableIntArray> targets(Layer above, int patches) {
        ImmutableMap.Builder<Neuron, ImmutableIntArray> targets = ImmutableMap.builder();
        int last = patches - 1;
        ImmutableIntArray[] lists = {
            ImmutableIntArray.of(0, 1, last),
            ImmutableIntArray.of(2, 0),
            ImmutableIntArray.of(),
            ImmutableIntArray.of(1, 2, 1),
            ImmutableIntArray.of(last)
        };
        for (int channel = 0; channel < above.shape().channels(); channel++) {
            targets.put(above.neuron(channel), lists[channel % lists.length]);
        }
        return targets.buildOrThrow();
    }

    static void compare(GraphLayers layers, long seed, Quadrature... rules) {
        try (SameDiffProbe probe = SameDiffProbe.open(layers)) {
            Layer below = probe.layer("below");
            Layer above = probe.layer("above");
            Tensor x = activations(seed, 4, below.shape());
            for (Quadrature rule : rules) {
                compare(probe, below, x, targets(above, x.count()), rule);
            }
        }
    }

    /** The integral itself adds up to the change of the target, and is what 20000 midpoints come to. */
    static void exact(GraphLayers layers, long seed) {
        try (SameDiffProbe probe = SameDiffProbe.open(layers)) {
            Layer below = probe.layer("below");
            Layer above = probe.layer("above");
            Tensor x = activations(seed, 4, below.shape());
            Map<Neuron, ImmutableIntArray> targets = targets(above, x.count());
            Map<Neuron, ImportanceScores> exact = probe.importance(below, x, targets, Quadrature.exact());
            Map<Neuron, ImportanceScores> near = probe.importance(below, x, targets, Quadrature.midpoint(20_000));
            double norm = near.values().stream().mapToDouble(Twins::norm).max().orElseThrow();
            near.forEach((target, expected) -> {
                ImportanceScores actual = exact.get(target);
                double difference = 0;
                for (int v = 0; v < expected.patches(); v++) {
                    for (int c = 0; c < below.shape().channels(); c++) {
                        difference += Math.pow(actual.value(v, c) - expected.value(v, c), 2);
                    }
                }
                assertThat(Math.sqrt(difference)).as("scores of %s", target).isLessThanOrEqualTo(1e-4 * norm);
                assertThat(actual.largestResidual())
                        .as("residual of %s", target)
                        .isLessThanOrEqualTo(1e-5 * norm);
            });
        }
    }

    private static double norm(ImportanceScores scores) {
        double squares = 0;
        for (double[] row : scores.values()) {
            for (double value : row) {
                squares += value * value;
            }
        }
        return Math.sqrt(squares);
    }

    static void compare(
            ModelProbe probe, Layer below, Tensor x, Map<Neuron, ImmutableIntArray> targets, Quadrature rule) {
        Map<Neuron, ImportanceScores> fast = probe.importance(below, x, targets, rule);
        Map<Neuron, ImportanceScores> plain = new PlainWay(probe).importance(below, x, targets, rule);
        assertThat(fast.keySet()).containsExactlyElementsOf(plain.keySet());
        plain.forEach((target, expected) -> {
            ImportanceScores actual = fast.get(target);
            String what = target + " by " + rule;
            assertThat(actual.patches()).as(what).isEqualTo(expected.patches());
            double scale = 0;
            double difference = 0;
            for (int v = 0; v < expected.patches(); v++) {
                for (int c = 0; c < below.shape().channels(); c++) {
                    scale += Math.pow(expected.value(v, c), 2);
                    difference += Math.pow(actual.value(v, c) - expected.value(v, c), 2);
                }
            }
            assertThat(Math.sqrt(difference))
                    .as("scores of %s, norm %s", what, Math.sqrt(scale))
                    .isLessThanOrEqualTo(SCORES * Math.sqrt(scale) + 1e-9);
            double largest = 0;
            for (int v = 0; v < expected.patches(); v++) {
                largest = Math.max(largest, Math.abs(expected.change(v)));
            }
            for (int v = 0; v < expected.patches(); v++) {
                assertThat(Math.abs(actual.change(v) - expected.change(v)))
                        .as("change %s of %s", v, what)
                        .isLessThanOrEqualTo(CHANGES * largest + 1e-6);
            }
        });
    }
}
