package io.neurflow.core.ray;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Quadrature.Rule;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.reference.ReferenceProbe;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The engine's algebra is exact: its own sources, compiled with {@code double} for {@code float}, give the scores of the plain
 * way in double precision to 1e-9. What the engine as it is differs by is rounding and nothing else.
 */
class DoublePrecisionTest {
    private static final long SEED = 20261123;
    private static final double EQUAL = 1e-9;

    private static DoubleEngine.Factory engines;

    @BeforeAll
    static void compile(@TempDir Path folder) throws Exception {
        engines = DoubleEngine.compile(folder);
    }

    @TestFactory
    Stream<DynamicTest> scoresAreThoseOfThePlainWayToTheLastDigits() {
        return RayEngineTest.known().entrySet().stream()
                .map(block -> dynamicTest(block.getKey(), () -> {
                    for (Quadrature rule : List.of(
                            new Quadrature(Rule.RIEMANN_RIGHT, 7),
                            new Quadrature(Rule.GAUSS_LEGENDRE, 12),
                            Quadrature.midpoint(50))) {
                        compare(block.getValue(), rule);
                    }
                }));
    }

    /** Completeness: the scores of a patch add up to what the target changes by, with no points left to blame. */
    @TestFactory
    Stream<DynamicTest> theIntegralAddsUpToTheChangeOfTheTarget() {
        return RayEngineTest.known().entrySet().stream()
                .map(block -> dynamicTest(block.getKey(), () -> {
                    GraphLayers layers = block.getValue();
                    try (ModelProbe probe = ReferenceProbe.open(layers)) {
                        Layer below = probe.layer("below");
                        Layer above = probe.layer("above");
                        Tensor x = Twins.activations(SEED, 4, below.shape());
                        Map<Neuron, ImmutableIntArray> targets = Twins.targets(above, x.count());
                        Map<Integer, DoubleEngine.Scores> exact = engines.of(layers)
                                .run(
                                        layers.value(below),
                                        layers.value(above),
                                        x,
                                        byChannel(targets),
                                        Quadrature.exact());
                        Map<Neuron, ImportanceScores> once =
                                new PlainWay(probe).importance(below, x, targets, Quadrature.midpoint(1));
                        targets.forEach((target, patches) -> {
                            DoubleEngine.Scores scores = exact.get(target.channel());
                            for (int v = 0; scores != null && v < patches.length(); v++) {
                                double sum = Arrays.stream(scores.values()[v]).sum();
                                double change = once.get(target).change(v);
                                assertThat(scores.changes()[v]).isCloseTo(change, within(change));
                                assertThat(sum).isCloseTo(change, within(change));
                            }
                        });
                    }
                }));
    }

    private static org.assertj.core.data.Offset<Double> within(double scale) {
        return org.assertj.core.data.Offset.offset(EQUAL * (1 + Math.abs(scale)));
    }

    private static Map<Integer, ImmutableIntArray> byChannel(Map<Neuron, ImmutableIntArray> targets) {
        Map<Integer, ImmutableIntArray> channels = new LinkedHashMap<>();
        targets.forEach((target, patches) -> channels.put(target.channel(), patches));
        return channels;
    }

    private static void compare(GraphLayers layers, Quadrature rule) {
        try (ModelProbe probe = ReferenceProbe.open(layers)) {
            Layer below = probe.layer("below");
            Layer above = probe.layer("above");
            Tensor x = Twins.activations(SEED, 4, below.shape());
            Map<Neuron, ImmutableIntArray> targets = Twins.targets(above, x.count());
            Map<Integer, DoubleEngine.Scores> fast =
                    engines.of(layers).run(layers.value(below), layers.value(above), x, byChannel(targets), rule);
            assertThat(fast).as("targets that the engine knows by %s", rule).hasSize(targets.size());
            new PlainWay(probe).importance(below, x, targets, rule).forEach((target, expected) -> {
                DoubleEngine.Scores actual = fast.get(target.channel());
                double scale = 0;
                double difference = 0;
                for (int v = 0; v < expected.patches(); v++) {
                    for (int c = 0; c < below.shape().channels(); c++) {
                        scale += Math.pow(expected.value(v, c), 2);
                        difference += Math.pow(actual.values()[v][c] - expected.value(v, c), 2);
                    }
                    assertThat(actual.changes()[v])
                            .as("change %s of %s by %s", v, target, rule)
                            .isCloseTo(expected.change(v), within(expected.change(v)));
                }
                assertThat(Math.sqrt(difference))
                        .as("scores of %s by %s, norm %s", target, rule, Math.sqrt(scale))
                        .isLessThanOrEqualTo(EQUAL * Math.sqrt(scale) + 1e-15);
            });
        }
    }
}
