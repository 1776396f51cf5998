package io.neurflow.testkit;

import static io.neurflow.testkit.Closeness.assertClose;
import static io.neurflow.testkit.Closeness.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.Tensor;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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
public abstract class ModelProbeContract extends ImportanceContract {
    /** Nothing to set up. */
    protected ModelProbeContract() {}

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
                assertForm(probe.forward(block.from(), block.activations(), block.to()), block.to(), probe);
                Neuron target = neurons(block.to()).get(0);
                assertForm(probe.gradient(block.from(), block.activations(), target), block.from(), probe);
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
                        probe.forward(inputs(probe), block.to()),
                        probe.forward(block.from(), block.activations(), block.to()),
                        tolerance(probe),
                        "from " + block.from() + " to " + block.to());
            }
        }
    }

    @Test
    void gradientsAgreeWithFiniteDifferences() {
        try (ModelProbe probe = open()) {
            FiniteDifferences differences = new FiniteDifferences(probe);
            double tolerance = gradientTolerance(probe.info().precision());
            for (Block block : blocks(probe)) {
                for (Neuron target : neurons(block.to())) {
                    Tensor point = block.activations().slice(0, 1);
                    differences.check(block.from(), point, target, tolerance, random());
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
                Neuron target = neurons(block.to()).get(0);
                Tensor batch = probe.gradient(block.from(), block.activations(), target);
                for (int i = 0; i < ITEMS; i++) {
                    Tensor single =
                            probe.gradient(block.from(), block.activations().slice(i, i + 1), target);
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
                Layer from = block.from();
                Tensor x = block.activations();
                assertSameBits(
                        probe.forward(from, x, block.to()), probe.forward(from, x, block.to()), "forward from " + from);
                Neuron target = neurons(block.to()).get(0);
                assertSameBits(probe.gradient(from, x, target), probe.gradient(from, x, target), "gradient at " + from);
            }
        }
    }

    @Test
    void knockingOutNothingChangesNothing() {
        try (ModelProbe probe = open()) {
            for (Block block : blocks(probe)) {
                assertClose(
                        probe.forward(block.from(), block.activations(), block.to()),
                        probe.forwardWithout(block.from(), block.activations(), Set.of(), block.to()),
                        tolerance(probe),
                        "nothing knocked out of " + block.from());
            }
        }
    }

    @Test
    void knockedOutChannelsAreZeroAndThatIsAll() {
        try (ModelProbe probe = open()) {
            for (Block block : blocks(probe)) {
                List<Neuron> out = neurons(block.from());
                Tensor byHand = block.activations()
                        .withoutChannels(out.stream().map(Neuron::channel).toList());
                Set<Neuron> set = ImmutableSet.copyOf(out);
                assertClose(
                        byHand,
                        probe.forwardWithout(block.from(), block.activations(), set, block.from()),
                        0,
                        "knock-out seen at " + block.from());
                assertClose(
                        probe.forward(block.from(), byHand, block.to()),
                        probe.forwardWithout(block.from(), block.activations(), set, block.to()),
                        tolerance(probe),
                        "knock-out of " + block.from() + " seen at " + block.to());
            }
        }
    }

    @Test
    void retainingIsKnockingOutTheOthers() {
        try (ModelProbe probe = open()) {
            for (Block block : blocks(probe)) {
                Set<Neuron> retained = ImmutableSet.copyOf(neurons(block.from()));
                Set<Neuron> others = new HashSet<>();
                for (int c = 0; c < block.from().shape().channels(); c++) {
                    others.add(block.from().neuron(c));
                }
                others.removeAll(retained);
                assertClose(
                        probe.forwardWithout(block.from(), block.activations(), others, block.to()),
                        probe.forwardRetainingOnly(block.from(), block.activations(), retained, block.to()),
                        tolerance(probe),
                        "retained in " + block.from());
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

    @Test
    void meansAndWholeMapsInOneGoAreThoseOfEachAlone() {
        try (ModelProbe probe = open()) {
            Tensor inputs = inputs(probe);
            Set<Layer> all = ImmutableSet.copyOf(probe.layers());
            ImmutableMap<Layer, double[][]> alone = probe.pooled(inputs, all);
            for (Layer layer : all) {
                Map<Layer, Tensor> maps = new HashMap<>();
                ImmutableMap<Layer, double[][]> means = probe.pooled(inputs, all, Set.of(layer), maps::put);
                assertEquals(Set.of(layer), maps.keySet(), "whole maps");
                assertClose(probe.forward(inputs, layer), at(maps, layer), tolerance(probe), "whole " + layer);
                assertEquals(all, means.keySet(), "means");
                means.forEach((other, rows) ->
                        assertClose(at(alone, other), rows, tolerance(probe), "means of " + other + " with maps"));
            }
        }
    }

    private static <T> T at(Map<Layer, T> map, Layer layer) {
        T value = map.get(layer);
        if (value == null) {
            throw new AssertionError("there is nothing for " + layer);
        }
        return value;
    }
}
