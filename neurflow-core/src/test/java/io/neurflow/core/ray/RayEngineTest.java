package io.neurflow.core.ray;

import static io.neurflow.core.ray.BlockGraph.window;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.neurflow.api.ImportanceScores;
import io.neurflow.api.Layer;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Quadrature.Rule;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Op.Elementwise.Function;
import io.neurflow.core.graph.Op.Padding;
import io.neurflow.core.graph.Op.Window;
import io.neurflow.core.samediff.SameDiffProbe;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Scores by events equal those of the plain way, for each kind of block that the engine knows, and it knows them. */
class RayEngineTest {
    private static final long SEED = 20261123;
    private static final Shape MAPS = new Shape(5, 6, 7);

    static Map<String, GraphLayers> known() {
        Map<String, GraphLayers> blocks = new LinkedHashMap<>();
        maps(blocks, "1x1 convolution", (g, x) -> g.conv1(6, x));
        maps(blocks, "1x1 convolution, ReLU", (g, x) -> g.relu(g.conv1(6, x)));
        maps(blocks, "mean, dense", (g, x) -> g.dense(6, g.flatten(g.add(new Op.GlobalAveragePool(), x))));
        maps(blocks, "maximum, dense", (g, x) -> g.dense(6, g.flatten(g.add(new Op.GlobalMaxPool(), x))));
        maps(blocks, "max pool, 1x1, ReLU", (g, x) -> g.relu(g.conv1(6, g.maxPool(3, 1, 1, false, x))));
        maps(blocks, "max pool with ceil, 1x1, ReLU", (g, x) -> g.relu(g.conv1(6, g.maxPool(3, 2, 0, true, x))));
        maps(blocks, "max pool, ReLU", (g, x) -> g.relu(g.maxPool(2, 2, 0, false, x)));
        maps(blocks, "1x1, ReLU, 5x5, ReLU", (g, x) -> g.relu(g.conv(6, window(5, 1, 2), g.relu(g.conv1(3, x)))));
        maps(blocks, "Inception", RayEngineTest::inception);
        maps(blocks, "nested concatenation", (g, x) -> g.concat(g.concat(g.relu(g.conv1(2, x)), x), g.conv3(3, x)));
        maps(blocks, "concatenation of x itself", (g, x) -> g.concat(x, g.conv3(2, g.relu(g.conv1(4, x)))));
        maps(blocks, "a gated value in a sum", (g, x) -> g.sum(g.relu(g.conv3(5, x)), x));
        maps(blocks, "a gated value in a gated sum", (g, x) -> g.leaky(0.1, g.sum(g.relu(g.conv1(5, x)), x)));
        maps(
                blocks,
                "a value gated twice in a sum",
                (g, x) -> g.relu(g.sum(g.relu(g.conv3(5, g.relu(g.conv1(4, x)))), x)));
        maps(blocks, "ReLU, mean", (g, x) -> g.add(new Op.GlobalAveragePool(), g.relu(g.conv1(6, x))));
        maps(blocks, "flattened, dense", (g, x) -> g.relu(g.dense(6, g.flatten(x))));
        maps(blocks, "ReLU, flattened, dense", (g, x) -> g.dense(6, g.flatten(g.relu(g.conv1(3, x)))));
        maps(blocks, "basic", (g, x) -> g.relu(g.sum(g.conv3(5, g.relu(g.conv3(5, x))), x)));
        maps(
                blocks,
                "basic, stride 2, projection",
                (g, x) -> g.relu(
                        g.sum(g.conv3(6, g.relu(g.conv(6, window(3, 2, 1), x))), g.conv(6, window(1, 2, 0), x))));
        for (int middle : new int[] {1, 3}) {
            maps(blocks, "bottleneck " + middle, (g, x) -> g.relu(g.sum(g.bottleneck(4, middle, 1, 5, 0, 0, x), x)));
            maps(
                    blocks,
                    "bottleneck " + middle + ", stride 2, projection",
                    (g, x) -> g.relu(g.sum(g.bottleneck(9, middle, 2, 6, 0, 0, x), g.conv(6, window(1, 2, 0), x))));
        }
        maps(blocks, "bottleneck without ReLU", (g, x) -> g.sum(g.bottleneck(4, 3, 1, 5, 0, 0, x), x));
        for (double slope : new double[] {0.1, 1, 1.7, -0.4}) {
            maps(blocks, "slope on top " + slope, (g, x) -> g.leaky(slope, g.conv3(6, x)));
            maps(blocks, "slope below " + slope, (g, x) -> g.relu(g.conv3(6, g.leaky(slope, g.conv1(4, x)))));
            maps(
                    blocks,
                    "slope in front of the middle " + slope,
                    (g, x) -> g.relu(g.sum(g.bottleneck(4, 3, 1, 5, slope, 0.2, x), x)));
            maps(
                    blocks,
                    "slope behind the middle " + slope,
                    (g, x) -> g.leaky(slope, g.sum(g.bottleneck(4, 3, 1, 5, 0, slope, x), x)));
        }
        maps(blocks, "gate on x itself", (g, x) -> g.conv3(6, g.relu(x)));
        maps(blocks, "gates on x and in the middle", (g, x) -> g.sum(g.conv1(5, g.relu(g.conv3(6, g.relu(x)))), x));
        maps(
                blocks,
                "without biases",
                (g, x) -> g.relu(g.sum(
                        g.conv1(5, g.relu(g.conv(6, window(3, 1, 1), 1, false, g.relu(x)))),
                        g.conv(5, window(3, 1, 1), 1, false, x))));
        maps(
                blocks,
                "grouped convolution in front of the gate",
                (g, x) -> g.relu(g.conv1(6, g.relu(g.conv(10, window(3, 1, 1), 5, true, x)))));
        Window uneven = new Window(3, 2, 2, 1, 1, 2, new Padding(0, 1, 2, 0), false);
        maps(blocks, "uneven window", (g, x) -> g.relu(g.conv(6, uneven, x)));
        maps(blocks, "uneven window behind a gate", (g, x) -> g.relu(g.conv(6, uneven, g.relu(g.conv1(4, x)))));
        maps(
                blocks,
                "uneven window between gates",
                (g, x) -> g.relu(g.conv1(6, g.relu(g.conv(7, uneven, g.relu(g.conv1(4, x)))))));
        Window large = window(9, 1, 4);
        maps(blocks, "window larger than the map", (g, x) -> g.relu(g.conv(6, large, g.relu(g.conv1(4, x)))));
        maps(
                blocks,
                "window larger than the map between gates",
                (g, x) -> g.relu(g.conv1(6, g.relu(g.conv(3, large, g.relu(g.conv1(4, x)))))));
        Shape one = new Shape(1, 4, 4);
        blocks.put(
                "one channel", BlockGraph.of(SEED, one, (g, x) -> g.relu(g.sum(g.bottleneck(1, 3, 1, 1, 0, 0, x), x))));
        Shape units = new Shape(9, 1, 1);
        blocks.put(
                "maps of one position",
                BlockGraph.of(SEED, units, (g, x) -> g.relu(g.sum(g.bottleneck(17, 3, 1, 9, 0, 0, x), x))));
        blocks.put("dense", BlockGraph.flat(SEED, 7, (g, x) -> g.dense(6, x)));
        blocks.put("dense, ReLU, dense", BlockGraph.flat(SEED, 7, (g, x) -> g.dense(6, g.relu(g.dense(11, x)))));
        blocks.put("ReLU, dense, LeakyReLU", BlockGraph.flat(SEED, 7, (g, x) -> g.leaky(0.1, g.dense(6, g.relu(x)))));
        return blocks;
    }

    private static Map<String, GraphLayers> unknown() {
        Map<String, GraphLayers> blocks = new LinkedHashMap<>();
        // Not the last operator, which would be taken for what makes probabilities of logits.
        maps(
                blocks,
                "sigmoid",
                (g, x) -> g.add(new Op.Add(), g.conv1(6, x), g.function(Function.SIGMOID, 0, g.conv1(6, x))));
        maps(blocks, "GELU", (g, x) -> g.conv1(6, g.function(Function.GELU, 0, g.conv1(4, x))));
        maps(blocks, "response normalisation", (g, x) -> g.conv1(6, g.add(new Op.Lrn(3, 0.5, 0.75, 1.5), x)));
        maps(blocks, "grouped convolution", (g, x) -> g.relu(g.conv(10, window(3, 1, 1), 5, true, x)));
        maps(blocks, "max pool behind a gate", (g, x) -> g.conv1(6, g.maxPool(3, 2, 1, false, g.relu(g.conv1(4, x)))));
        maps(blocks, "three gates", (g, x) -> g.relu(g.conv1(5, g.relu(g.conv1(4, g.relu(g.conv1(3, g.relu(x))))))));
        maps(
                blocks,
                "3x3 row behind the middle",
                (g, x) -> g.relu(g.conv3(6, g.relu(g.conv3(4, g.relu(g.conv1(3, x)))))));
        maps(
                blocks,
                "1x1 row of stride 2 behind the middle",
                (g, x) -> g.relu(g.conv(6, window(1, 2, 0), g.relu(g.conv3(4, g.relu(g.conv1(3, x)))))));
        maps(
                blocks,
                "padded 1x1 row behind the middle",
                (g, x) -> g.relu(g.conv(6, window(1, 1, 1), g.relu(g.conv3(4, g.relu(g.conv1(3, x)))))));
        maps(
                blocks,
                "two gated paths",
                (g, x) -> g.relu(g.sum(g.conv3(5, g.relu(g.conv1(4, x))), g.conv1(5, g.relu(g.conv3(3, x))))));
        maps(
                blocks,
                "a product",
                (g, x) -> g.add(new Op.Mul(), g.conv1(5, x), g.function(Function.SIGMOID, 0, g.conv1(5, x))));
        return blocks;
    }

    private static void maps(Map<String, GraphLayers> blocks, String name, BlockGraph.Block block) {
        blocks.put(name, BlockGraph.of(SEED + blocks.size(), MAPS, block));
    }

    private static int inception(BlockGraph g, int x) {
        return g.concat(
                g.relu(g.conv1(2, x)),
                g.relu(g.conv3(3, g.relu(g.conv1(4, x)))),
                g.relu(g.conv(2, window(5, 1, 2), g.relu(g.conv1(1, x)))),
                g.relu(g.conv1(3, g.maxPool(3, 1, 1, false, x))));
    }

    @TestFactory
    Stream<DynamicTest> knowsTheseBlocks() {
        return known().entrySet().stream()
                .map(block -> dynamicTest(block.getKey(), () -> assertThat(routes(block.getValue()))
                        .isTrue()));
    }

    @TestFactory
    Stream<DynamicTest> leavesOtherBlocksAlone() {
        return unknown().entrySet().stream()
                .map(block -> dynamicTest(block.getKey(), () -> assertThat(routes(block.getValue()))
                        .isFalse()));
    }

    private static boolean routes(GraphLayers block) {
        Layer above = block.layers().get(1);
        boolean first = Route.of(
                        block.graph(), block.values().get(0), block.values().get(1), 0)
                .isPresent();
        for (int channel = 1; channel < above.shape().channels(); channel++) {
            assertThat(Route.of(
                                    block.graph(),
                                    block.values().get(0),
                                    block.values().get(1),
                                    channel)
                            .isPresent())
                    .isEqualTo(first);
        }
        return first;
    }

    @TestFactory
    Stream<DynamicTest> equalsThePlainWay() {
        Map<String, GraphLayers> blocks = known();
        blocks.putAll(unknown());
        return blocks.entrySet().stream()
                .map(block -> dynamicTest(
                        block.getKey(),
                        () -> Twins.compare(
                                block.getValue(),
                                SEED,
                                Quadrature.riemannRight(1),
                                Quadrature.riemannRight(9),
                                Quadrature.gaussLegendre(2),
                                Quadrature.gaussLegendre(50),
                                Quadrature.midpoint(9),
                                new Quadrature(Rule.TRAPEZOID, 2),
                                new Quadrature(Rule.TRAPEZOID, 7))));
    }

    @TestFactory
    Stream<DynamicTest> equalsThePlainWayAtManyPoints() {
        Map<String, GraphLayers> blocks = known();
        return Stream.of("Inception", "basic, stride 2, projection", "bottleneck 3")
                .map(name -> dynamicTest(
                        name, () -> Twins.compare(blocks.get(name), SEED + 1, Quadrature.riemannRight(400))));
    }

    @TestFactory
    Stream<DynamicTest> exactIsWhatManyMidpointsComeTo() {
        return known().entrySet().stream()
                .filter(block -> isExact(block.getValue()))
                .map(block -> dynamicTest(block.getKey(), () -> Twins.exact(block.getValue(), SEED)));
    }

    @TestFactory
    Stream<DynamicTest> exactIsRefusedWhereItIsNotClosedForm() {
        Map<String, GraphLayers> blocks = known();
        blocks.putAll(unknown());
        return blocks.entrySet().stream()
                .filter(block -> !isExact(block.getValue()))
                .map(block -> dynamicTest(block.getKey(), () -> {
                    try (SameDiffProbe probe = SameDiffProbe.open(block.getValue())) {
                        Layer below = probe.layer("below");
                        Tensor x = Twins.activations(SEED, 2, below.shape());
                        assertThatIllegalArgumentException()
                                .isThrownBy(() -> probe.importance(
                                        below, x, probe.layer("above").neuron(0), Quadrature.exact()))
                                .withMessageContaining("above")
                                .withMessageContaining("'")
                                .withMessageEndingWith("use GAUSS_LEGENDRE");
                    }
                }));
    }

    @Test
    void theRefusalOfExactNamesTheOperator() {
        Map<String, GraphLayers> blocks = known();
        blocks.putAll(unknown());
        assertThat(obstacle(blocks, "response normalisation")).matches("Lrn '.*' is not piecewise linear");
        assertThat(obstacle(blocks, "sigmoid")).matches("Sigmoid '.*' is not piecewise linear");
        assertThat(obstacle(blocks, "bottleneck 3")).matches("Conv '.*' stands between two gates");
        assertThat(obstacle(blocks, "two gated paths")).contains("Relu '");
    }

    @Test
    void pointsAreTakenBehindAConvolutionBetweenGatesWhereTheyAreFew() {
        Route bottleneck = route("bottleneck 3");
        Route single = route("basic");
        EventCost cost = new EventCost(9);
        assertThat(cost.pays(bottleneck, 7)).isFalse();
        assertThat(cost.pays(bottleneck, 8)).isTrue();
        assertThat(cost.pays(single, 1)).isTrue();
        assertThat(new EventCost(500).pays(bottleneck, 50)).isFalse();
    }

    private static Route route(String name) {
        GraphLayers block = Objects.requireNonNull(known().get(name));
        return Route.of(block.graph(), block.values().get(0), block.values().get(1), 0)
                .orElseThrow();
    }

    private static String obstacle(Map<String, GraphLayers> blocks, String name) {
        GraphLayers block = Objects.requireNonNull(blocks.get(name));
        return new RayEngine(block.graph(), new NoNumerics(), 9)
                .obstacle(block.values().get(0), block.values().get(1), 0);
    }

    private static final class NoNumerics implements Numerics {
        @Override
        public float[] forward(int from, int to, float[] x, int count) {
            throw new AssertionError();
        }

        @Override
        public float[] pullback(int from, int to, float[] cotangents, int count) {
            throw new AssertionError();
        }
    }

    private static boolean isExact(GraphLayers block) {
        return Route.of(block.graph(), block.values().get(0), block.values().get(1), 0)
                .filter(Route::isExact)
                .isPresent();
    }

    @Test
    void moreTargetsOfOnePatchThanArePutInOnePieceEqualThePlainWay() {
        Twins.compare(
                BlockGraph.of(SEED, MAPS, (g, x) -> g.relu(g.bottleneck(3, 3, 1, 120, 0, 0, x))),
                SEED,
                Quadrature.riemannRight(9));
    }

    @Test
    void whatIsNotANumberIsNotHiddenByAGate() {
        try (SameDiffProbe probe =
                SameDiffProbe.open(BlockGraph.of(SEED, MAPS, (g, x) -> g.relu(g.conv3(6, g.relu(g.conv1(4, x))))))) {
            float[] values = new float[2 * MAPS.size()];
            values[3] = Float.NaN;
            ImportanceScores scores = probe.importance(
                    probe.layer("below"),
                    Tensor.ofFloats(2, MAPS, values),
                    probe.layer("above").neuron(1),
                    Quadrature.riemannRight(9));
            assertThat(scores.values()[0]).containsOnly(Double.NaN);
            assertThat(scores.change(0)).isNaN();
            assertThat(scores.values()[1]).containsOnly(0);
        }
    }
}
