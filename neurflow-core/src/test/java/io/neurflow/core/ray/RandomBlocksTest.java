package io.neurflow.core.ray;

import static org.assertj.core.api.Assertions.assertThat;

import io.neurflow.api.ImportanceScores;
import io.neurflow.api.Layer;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Quadrature.Rule;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.Op;
import io.neurflow.core.samediff.SameDiffProbe;
import java.util.Random;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;

/** Random piecewise-linear blocks, whether the engine knows them or not: scores are those of the plain way. */
class RandomBlocksTest {
    private static final Shape MAPS = new Shape(4, 5, 6);
    private static final int CHANNELS = 5;

    private static GraphLayers block(int seed) {
        Random random = new Random(seed);
        return BlockGraph.of(seed, MAPS, (graph, x) -> {
            int value = part(graph, x, random, 1 + random.nextInt(3));
            if (random.nextInt(3) == 0) {
                value = graph.sum(value, part(graph, x, random, 1 + random.nextInt(2)));
            } else if (random.nextInt(3) == 0) {
                value = graph.concat(value, graph.relu(graph.conv1(2, x)));
            }
            return switch (random.nextInt(4)) {
                case 0 -> value;
                case 1 -> graph.leaky(0.2, value);
                case 2 -> graph.dense(3, graph.flatten(graph.add(new Op.GlobalAveragePool(), value)));
                default -> graph.relu(value);
            };
        });
    }

    /** Some operators one behind another, to maps of the same extent. */
    private static int part(BlockGraph graph, int x, Random random, int depth) {
        int value = x;
        for (int i = 0; i < depth; i++) {
            value = switch (random.nextInt(5)) {
                case 0 -> graph.maxPool(3, 1, 1, false, value);
                case 1 -> graph.relu(value);
                case 2 -> graph.relu(graph.conv1(CHANNELS, value));
                case 3 -> graph.conv1(CHANNELS, value);
                default -> graph.leaky(0.1, graph.conv3(CHANNELS, value));
            };
        }
        return graph.conv3(CHANNELS, value);
    }

    @Property(tries = 30, seed = "20261123", shrinking = ShrinkingMode.OFF)
    void scoresAreThoseOfThePlainWay(
            @ForAll @IntRange(min = 0, max = 100_000) int seed,
            @ForAll Rule rule,
            @ForAll @IntRange(min = 2, max = 12) int steps) {
        Assume.that(rule != Rule.EXACT);
        Twins.compare(block(seed), seed, new Quadrature(rule, steps));
    }

    @Property(tries = 15, seed = "20261124", shrinking = ShrinkingMode.OFF)
    void whatCompletenessLacksShrinksWithThePoints(@ForAll @IntRange(min = 0, max = 100_000) int seed) {
        try (SameDiffProbe probe = SameDiffProbe.open(block(seed))) {
            Layer below = probe.layer("below");
            Tensor x = Twins.activations(seed, 2, below.shape());
            ImportanceScores few =
                    probe.importance(below, x, probe.layer("above").neuron(0), Quadrature.midpoint(4));
            ImportanceScores many =
                    probe.importance(below, x, probe.layer("above").neuron(0), Quadrature.midpoint(1024));
            double rounding = 1e-3 * Math.max(Math.abs(many.change(0)), Math.abs(many.change(1))) + 1e-5;
            assertThat(many.largestResidual()).isLessThanOrEqualTo(few.largestResidual() / 4 + rounding);
        }
    }
}
