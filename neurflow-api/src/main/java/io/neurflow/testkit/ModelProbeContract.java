package io.neurflow.testkit;

import static io.neurflow.testkit.Closeness.assertClose;
import static io.neurflow.testkit.Closeness.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.Precision;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The contract of {@link ModelProbe} as tests. Whoever writes a probe lets a test class extend this one and says how to
 * open the probe:
 *
 * <pre>{@code
 * class MyProbeTest extends ModelProbeContract {
 *     @Override
 *     protected ModelProbe open() {
 *         return new MyProbe(...);
 *     }
 * }
 * }</pre>
 *
 * <p>Use a small model: some checks run the way between two layers a few thousand times. A model with two layers or more
 * checks most; one with a ReLU, a pooling and a linear top checks nearly all. Everything random comes from {@link #seed()}.
 * The remaining protected methods are hooks with sensible answers; override them where a model needs other inputs or an
 * engine is less exact.
 */
public abstract class ModelProbeContract {
    private static final int ITEMS = 3;

    /** Nothing to set up. */
    protected ModelProbeContract() {}

    /**
     * Opens the probe under test; every check opens one and closes it.
     *
     * @return a fresh probe, always of the same model
     */
    protected abstract ModelProbe open();

    /**
     * Where random inputs, directions and channels come from.
     *
     * @return 309 unless overridden
     */
    protected long seed() {
        return 309;
    }

    /**
     * Inputs to try the model on.
     *
     * @param shape extent of one input
     * @param count how many
     * @param random seeded with {@link #seed()}
     * @return [count, shape]; standard normal values in single precision unless overridden
     */
    protected Tensor inputs(Shape shape, int count, Random random) {
        float[] values = new float[count * shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.ofFloats(count, shape, values);
    }

    /**
     * How far two ways to the same number may differ, relative to the largest number of the tensor.
     *
     * @param precision that of the probe
     * @return 10<sup>-4</sup> in single, 10<sup>-10</sup> in double precision unless overridden
     */
    protected double tolerance(Precision precision) {
        return precision == Precision.FLOAT32 ? 1e-4 : 1e-10;
    }

    /**
     * How far a gradient may be from finite differences, relative to the largest slope.
     *
     * @param precision that of the probe
     * @return 10<sup>-2</sup> in single, 10<sup>-4</sup> in double precision unless overridden
     */
    protected double gradientTolerance(Precision precision) {
        return precision == Precision.FLOAT32 ? 1e-2 : 1e-4;
    }

    /**
     * How many channels of a layer are checked where checking all would take long.
     *
     * @return 3 unless overridden
     */
    protected int channelsToCheck() {
        return 3;
    }

    private Tensor inputs(ModelProbe probe) {
        return inputs(probe.inputShape(), ITEMS, random());
    }

    private Random random() {
        return new Random(seed());
    }

    private double tolerance(ModelProbe probe) {
        return tolerance(probe.info().precision());
    }

    private List<Neuron> neurons(Layer layer) {
        return random().ints(0, layer.shape().channels())
                .distinct()
                .limit(Math.min(channelsToCheck(), layer.shape().channels()))
                .mapToObj(layer::neuron)
                .toList();
    }

    /** A lower and a higher layer, with what the lower one shows. */
    private record Block(Layer from, Tensor activations, Layer to) {}

    /** All neighbours, and the way from the lowest to the highest layer. */
    private List<Block> blocks(ModelProbe probe) {
        ImmutableList<Layer> layers = probe.layers();
        ImmutableList.Builder<Block> blocks = ImmutableList.builder();
        for (int i = 0; i + 1 < layers.size(); i++) {
            Tensor activations = probe.forward(inputs(probe), layers.get(i));
            blocks.add(new Block(layers.get(i), activations, layers.get(i + 1)));
            if (i == 0 && layers.size() > 2) {
                blocks.add(new Block(layers.get(i), activations, probe.logits()));
            }
        }
        return blocks.build();
    }

    @Test
    void layersAreNumberedFromZeroAndNamedUniquely() {
        try (ModelProbe probe = open()) {
            Set<String> names = new HashSet<>();
            assertFalse(probe.layers().isEmpty(), "a probe has at least one layer");
            for (int i = 0; i < probe.layers().size(); i++) {
                Layer layer = probe.layers().get(i);
                assertEquals(i, layer.index(), () -> "index of " + layer);
                assertTrue(names.add(layer.name()), () -> "two layers are called " + layer.name());
            }
            assertEquals(probe.layers().get(probe.layers().size() - 1), probe.logits(), "logits() is the last layer");
        }
    }

    @Test
    void aLayerIsFoundByNameAndAnUnknownNameListsNearOnes() {
        try (ModelProbe probe = open()) {
            for (Layer layer : probe.layers()) {
                assertEquals(layer, probe.layer(layer.name()));
            }
            String name = probe.logits().name();
            String message = assertThrows(IllegalArgumentException.class, () -> probe.layer(name + "\u2026"))
                    .getMessage();
            assertTrue(message != null && message.contains(name), () -> "the message names '" + name + "': " + message);
        }
    }

    @Test
    void activationsHaveTheShapeOfTheirLayerAndThePrecisionOfTheProbe() {
        try (ModelProbe probe = open()) {
            Tensor inputs = inputs(probe);
            for (Layer layer : probe.layers()) {
                assertForm(probe.forward(inputs, layer), layer, probe);
            }
            for (Block block : blocks(probe)) {
                assertForm(probe.forward(block.from, block.activations, block.to), block.to, probe);
                Neuron target = neurons(block.to).get(0);
                assertForm(probe.gradient(block.from, block.activations, target), block.from, probe);
            }
        }
    }

    private static void assertForm(Tensor tensor, Layer layer, ModelProbe probe) {
        assertEquals(ITEMS, tensor.count(), () -> "number of items at " + layer);
        assertEquals(layer.shape(), tensor.shape(), () -> "shape at " + layer);
        assertEquals(probe.info().precision(), tensor.precision(), () -> "precision at " + layer);
    }

    @Test
    void tensorsOfEitherPrecisionAreTaken() {
        try (ModelProbe probe = open()) {
            Tensor inputs = inputs(probe);
            Tensor wide = Tensor.ofDoubles(ITEMS, inputs.shape(), inputs.toDoubles());
            Tensor narrow = Tensor.ofFloats(ITEMS, inputs.shape(), inputs.toFloats());
            Layer top = probe.logits();
            double tolerance = Math.max(tolerance(probe), 1e-5);
            assertClose(probe.forward(wide, top), probe.forward(narrow, top), tolerance, "single for double");
        }
    }

    @Test
    void forwardsCompose() {
        try (ModelProbe probe = open()) {
            for (Block block : blocks(probe)) {
                assertClose(
                        probe.forward(inputs(probe), block.to),
                        probe.forward(block.from, block.activations, block.to),
                        tolerance(probe),
                        "from " + block.from + " to " + block.to);
            }
        }
    }

    @Test
    void gradientsAgreeWithFiniteDifferences() {
        try (ModelProbe probe = open()) {
            FiniteDifferences differences = new FiniteDifferences(probe);
            double tolerance = gradientTolerance(probe.info().precision());
            for (Block block : blocks(probe)) {
                for (Neuron target : neurons(block.to)) {
                    Tensor point = block.activations.slice(0, 1);
                    differences.check(block.from, point, target, tolerance, random());
                }
            }
        }
    }

    @Test
    void anItemGetsTheSameAnswerInABatchAsAlone() {
        try (ModelProbe probe = open()) {
            Tensor inputs = inputs(probe);
            for (Layer layer : probe.layers()) {
                Tensor batch = probe.forward(inputs, layer);
                for (int i = 0; i < ITEMS; i++) {
                    Tensor single = probe.forward(inputs.slice(i, i + 1), layer);
                    assertClose(single, batch.slice(i, i + 1), tolerance(probe), "item " + i + " at " + layer);
                }
            }
            for (Block block : blocks(probe)) {
                Neuron target = neurons(block.to).get(0);
                Tensor batch = probe.gradient(block.from, block.activations, target);
                for (int i = 0; i < ITEMS; i++) {
                    Tensor single = probe.gradient(block.from, block.activations.slice(i, i + 1), target);
                    assertClose(single, batch.slice(i, i + 1), tolerance(probe), "gradient of item " + i);
                }
            }
        }
    }

    @Test
    void theSameCallGivesTheSameBits() {
        try (ModelProbe probe = open()) {
            Tensor inputs = inputs(probe);
            Layer top = probe.logits();
            assertSameBits(probe.forward(inputs, top), probe.forward(inputs, top), "forward to " + top);
            for (Block block : blocks(probe)) {
                Layer from = block.from;
                Tensor x = block.activations;
                assertSameBits(
                        probe.forward(from, x, block.to), probe.forward(from, x, block.to), "forward from " + from);
                Neuron target = neurons(block.to).get(0);
                assertSameBits(probe.gradient(from, x, target), probe.gradient(from, x, target), "gradient at " + from);
            }
        }
    }

    @Test
    void knockingOutNothingChangesNothing() {
        try (ModelProbe probe = open()) {
            for (Block block : blocks(probe)) {
                assertClose(
                        probe.forward(block.from, block.activations, block.to),
                        probe.forwardWithout(block.from, block.activations, Set.of(), block.to),
                        tolerance(probe),
                        "nothing knocked out of " + block.from);
            }
        }
    }

    @Test
    void knockedOutChannelsAreZeroAndThatIsAll() {
        try (ModelProbe probe = open()) {
            for (Block block : blocks(probe)) {
                List<Neuron> out = neurons(block.from);
                Tensor byHand = block.activations.withoutChannels(
                        out.stream().map(Neuron::channel).toList());
                Set<Neuron> set = ImmutableSet.copyOf(out);
                assertClose(
                        byHand,
                        probe.forwardWithout(block.from, block.activations, set, block.from),
                        0,
                        "knock-out seen at " + block.from);
                assertClose(
                        probe.forward(block.from, byHand, block.to),
                        probe.forwardWithout(block.from, block.activations, set, block.to),
                        tolerance(probe),
                        "knock-out of " + block.from + " seen at " + block.to);
            }
        }
    }

    @Test
    void retainingIsKnockingOutTheOthers() {
        try (ModelProbe probe = open()) {
            for (Block block : blocks(probe)) {
                Set<Neuron> retained = ImmutableSet.copyOf(neurons(block.from));
                Set<Neuron> others = new HashSet<>();
                for (int c = 0; c < block.from.shape().channels(); c++) {
                    others.add(block.from.neuron(c));
                }
                others.removeAll(retained);
                assertClose(
                        probe.forwardWithout(block.from, block.activations, others, block.to),
                        probe.forwardRetainingOnly(block.from, block.activations, retained, block.to),
                        tolerance(probe),
                        "retained in " + block.from);
            }
        }
    }

    @Test
    void neuronsOfAnotherLayerCannotBeKnockedOut() {
        try (ModelProbe probe = open()) {
            for (Block block : blocks(probe)) {
                Set<Neuron> elsewhere = Set.of(block.to.neuron(0));
                assertThrows(
                        IllegalArgumentException.class,
                        () -> probe.forwardWithout(block.from, block.activations, elsewhere, block.to));
                assertThrows(
                        IllegalArgumentException.class,
                        () -> probe.forwardRetainingOnly(block.from, block.activations, elsewhere, block.to));
            }
        }
    }

    @Test
    void overriddenPassesOverSeveralLayersEqualThePlainOnes() {
        try (ModelProbe probe = open()) {
            ModelProbe plain = new PlainDefaults(probe);
            Tensor inputs = inputs(probe);
            Set<Layer> all = ImmutableSet.copyOf(probe.layers().reverse());
            ImmutableMap<Layer, Tensor> maps = probe.forward(inputs, all);
            ImmutableMap<Layer, double[][]> means = probe.pooled(inputs, all);
            assertEquals(all, maps.keySet(), "layers of forward");
            assertEquals(all, means.keySet(), "layers of pooled");
            plain.forward(inputs, all).forEach((layer, expected) -> {
                assertClose(expected, at(maps, layer), tolerance(probe), "forward to " + layer + " among others");
                assertClose(expected.spatialMeans(), at(means, layer), tolerance(probe), "pooled " + layer);
            });
        }
    }

    private static <T> T at(ImmutableMap<Layer, T> map, Layer layer) {
        T value = map.get(layer);
        if (value == null) {
            throw new AssertionError("there is nothing for " + layer);
        }
        return value;
    }

    @Test
    void overriddenImportanceEqualsThePlainOne() {
        try (ModelProbe probe = open()) {
            ModelProbe plain = new PlainDefaults(probe);
            for (Block block : blocks(probe)) {
                for (Neuron target : neurons(block.to)) {
                    for (Quadrature rule : List.of(Quadrature.riemannRight(7), Quadrature.gaussLegendre(5))) {
                        ImportanceScores expected = plain.importance(block.from, block.activations, target, rule);
                        ImportanceScores actual = probe.importance(block.from, block.activations, target, rule);
                        String what = "importance of " + block.from + " for " + target + ", " + rule;
                        assertEquals(target, actual.target(), what);
                        assertEquals(block.from, actual.source(), what);
                        assertClose(expected.values(), actual.values(), 10 * tolerance(probe), what);
                    }
                }
            }
        }
    }

    @Test
    void importanceIsCompleteWithEnoughSteps() {
        try (ModelProbe probe = open()) {
            for (Block block : blocks(probe)) {
                double few = 0;
                double many = 0;
                double scale = 0;
                for (Neuron target : neurons(block.to)) {
                    ImportanceScores coarse =
                            probe.importance(block.from, block.activations, target, Quadrature.midpoint(3));
                    ImportanceScores fine =
                            probe.importance(block.from, block.activations, target, Quadrature.midpoint(96));
                    for (int v = 0; v < ITEMS; v++) {
                        few += Math.abs(coarse.residual(v));
                        many += Math.abs(fine.residual(v));
                        scale += Math.abs(fine.change(v));
                    }
                }
                double rounding = 10 * tolerance(probe) * scale + Double.MIN_NORMAL;
                String figures = "from " + block.from + " to " + block.to + ": residual " + few + " with 3 steps, "
                        + many + " with 96, change " + scale;
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
                for (Neuron target : neurons(block.to)) {
                    ImportanceScores one =
                            probe.importance(block.from, block.activations, target, Quadrature.riemannRight(1));
                    ImportanceScores fifty =
                            probe.importance(block.from, block.activations, target, Quadrature.riemannRight(50));
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
        double[] y = probe.forward(block.from, block.activations.scaled(factors), block.to)
                .toDoubles();
        int size = block.to.shape().size();
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

    @Test
    void tensorsOfTheWrongShapeAreRefused() {
        try (ModelProbe probe = open()) {
            Precision precision = probe.info().precision();
            Shape in = probe.inputShape();
            Tensor wrong = Tensor.zeros(1, new Shape(in.channels() + 1, in.height(), in.width()), precision);
            Layer top = probe.logits();
            assertThrows(IllegalArgumentException.class, () -> probe.forward(wrong, top));
            assertThrows(IllegalArgumentException.class, () -> probe.forward(wrong, Set.of(top)));
            assertThrows(IllegalArgumentException.class, () -> probe.pooled(wrong, Set.of(top)));
            for (Block block : blocks(probe)) {
                Shape s = block.from.shape();
                Tensor bad = Tensor.zeros(1, new Shape(s.channels() + 1, s.height(), s.width()), precision);
                Neuron target = block.to.neuron(0);
                assertThrows(IllegalArgumentException.class, () -> probe.forward(block.from, bad, block.to));
                assertThrows(IllegalArgumentException.class, () -> probe.gradient(block.from, bad, target));
                assertThrows(
                        IllegalArgumentException.class,
                        () -> probe.importance(block.from, bad, target, Quadrature.midpoint(2)));
            }
        }
    }

    @Test
    void layersInTheWrongOrderAreRefused() {
        try (ModelProbe probe = open()) {
            assumeTrue(probe.layers().size() > 1, "one layer has no order");
            for (Block block : blocks(probe)) {
                Tensor high = probe.forward(block.from, block.activations, block.to);
                Neuron low = block.from.neuron(0);
                assertThrows(IllegalArgumentException.class, () -> probe.forward(block.to, high, block.from));
                assertThrows(IllegalArgumentException.class, () -> probe.gradient(block.to, high, low));
            }
        }
    }

    @Test
    void layersOfAnotherProbeAreRefused() {
        try (ModelProbe probe = open()) {
            Tensor inputs = inputs(probe);
            for (Block block : blocks(probe)) {
                Layer foreign = new Layer("not of this probe", block.to.index(), "Alien", block.to.shape());
                Layer alien = new Layer("nor this", block.from.index(), "Alien", block.from.shape());
                Tensor x = block.activations;
                Neuron target = block.to.neuron(0);
                assertThrows(IllegalArgumentException.class, () -> probe.forward(inputs, foreign));
                assertThrows(IllegalArgumentException.class, () -> probe.pooled(inputs, Set.of(foreign)));
                assertThrows(IllegalArgumentException.class, () -> probe.forward(block.from, x, foreign));
                assertThrows(IllegalArgumentException.class, () -> probe.forward(alien, x, block.to));
                assertThrows(IllegalArgumentException.class, () -> probe.gradient(alien, x, target));
                assertThrows(IllegalArgumentException.class, () -> probe.gradient(block.from, x, foreign.neuron(0)));
            }
        }
    }

    @Test
    void aClosedProbeComputesNothingAndClosesAgain() {
        ModelProbe probe = open();
        Tensor inputs = inputs(probe);
        List<Block> blocks = blocks(probe);
        Layer top = probe.logits();
        probe.close();
        probe.close();
        assertThrows(IllegalStateException.class, () -> probe.forward(inputs, top));
        assertThrows(IllegalStateException.class, () -> probe.forward(inputs, Set.of(top)));
        assertThrows(IllegalStateException.class, () -> probe.pooled(inputs, Set.of(top)));
        for (Block block : blocks) {
            Tensor x = block.activations;
            Neuron target = block.to.neuron(0);
            assertThrows(IllegalStateException.class, () -> probe.forward(block.from, x, block.to));
            assertThrows(IllegalStateException.class, () -> probe.gradient(block.from, x, target));
            assertThrows(IllegalStateException.class, () -> probe.forwardWithout(block.from, x, Set.of(), block.to));
            assertThrows(
                    IllegalStateException.class, () -> probe.importance(block.from, x, target, Quadrature.midpoint(2)));
        }
    }
}
