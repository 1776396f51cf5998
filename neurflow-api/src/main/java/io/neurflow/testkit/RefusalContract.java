package io.neurflow.testkit;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.Precision;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a probe has to refuse: tensors that do not fit, layers that are not its own or not above, and work when closed. */
abstract class RefusalContract extends ProbeUnderTest {
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
                Shape s = block.from().shape();
                Tensor bad = Tensor.zeros(1, new Shape(s.channels() + 1, s.height(), s.width()), precision);
                Neuron target = block.to().neuron(0);
                assertThrows(IllegalArgumentException.class, () -> probe.forward(block.from(), bad, block.to()));
                assertThrows(IllegalArgumentException.class, () -> probe.gradient(block.from(), bad, target));
                assertThrows(
                        IllegalArgumentException.class,
                        () -> probe.importance(block.from(), bad, target, Quadrature.midpoint(2)));
            }
        }
    }

    @Test
    void layersInTheWrongOrderAndALayerOntoItselfAreRefused() {
        try (ModelProbe probe = open()) {
            assumeTrue(probe.layers().size() > 1, "one layer has no order");
            for (Block block : blocks(probe)) {
                Tensor high = probe.forward(block.from(), block.activations(), block.to());
                Neuron low = block.from().neuron(0);
                assertThrows(IllegalArgumentException.class, () -> probe.forward(block.to(), high, block.from()));
                assertThrows(IllegalArgumentException.class, () -> probe.gradient(block.to(), high, low));
                Tensor x = block.activations();
                assertThrows(IllegalArgumentException.class, () -> probe.forward(block.from(), x, block.from()));
                assertThrows(IllegalArgumentException.class, () -> probe.gradient(block.from(), x, low));
            }
        }
    }

    @Test
    void layersOfAnotherProbeAreRefused() {
        try (ModelProbe probe = open()) {
            Tensor inputs = inputs(probe);
            for (Block block : blocks(probe)) {
                Layer foreign = new Layer(
                        "not of this probe",
                        block.to().index(),
                        "Alien",
                        block.to().shape());
                Layer alien = new Layer(
                        "nor this", block.from().index(), "Alien", block.from().shape());
                Tensor x = block.activations();
                Neuron target = block.to().neuron(0);
                assertThrows(IllegalArgumentException.class, () -> probe.forward(inputs, foreign));
                assertThrows(IllegalArgumentException.class, () -> probe.pooled(inputs, Set.of(foreign)));
                assertThrows(IllegalArgumentException.class, () -> probe.forward(block.from(), x, foreign));
                assertThrows(IllegalArgumentException.class, () -> probe.forward(alien, x, block.to()));
                assertThrows(IllegalArgumentException.class, () -> probe.gradient(alien, x, target));
                assertThrows(IllegalArgumentException.class, () -> probe.gradient(block.from(), x, foreign.neuron(0)));
            }
        }
    }

    @Test
    void neuronsOfAnotherLayerCannotBeKnockedOut() {
        try (ModelProbe probe = open()) {
            for (Block block : blocks(probe)) {
                Set<Neuron> elsewhere = Set.of(block.to().neuron(0));
                assertThrows(
                        IllegalArgumentException.class,
                        () -> probe.forwardWithout(block.from(), block.activations(), elsewhere, block.to()));
                assertThrows(
                        IllegalArgumentException.class,
                        () -> probe.forwardRetainingOnly(block.from(), block.activations(), elsewhere, block.to()));
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
        assertThrows(
                IllegalStateException.class, () -> probe.pooled(inputs, Set.of(top), Set.of(top), (layer, maps) -> {}));
        for (Block block : blocks) {
            Tensor x = block.activations();
            Neuron target = block.to().neuron(0);
            assertThrows(IllegalStateException.class, () -> probe.forward(block.from(), x, block.to()));
            assertThrows(IllegalStateException.class, () -> probe.gradient(block.from(), x, target));
            assertThrows(
                    IllegalStateException.class,
                    () -> probe.importance(block.from(), x, Map.of(), Quadrature.gaussLegendre(2)));
            assertThrows(
                    IllegalStateException.class, () -> probe.forwardWithout(block.from(), x, Set.of(), block.to()));
            Set<Neuron> one = Set.of(block.from().neuron(0));
            assertThrows(
                    IllegalStateException.class, () -> probe.forwardRetainingOnly(block.from(), x, one, block.to()));
            assertThrows(
                    IllegalStateException.class,
                    () -> probe.importance(block.from(), x, target, Quadrature.midpoint(2)));
        }
    }
}
