package io.neurflow.testkit;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.Precision;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import java.util.List;
import java.util.Random;

/** A probe to be checked, what to check it with, and how closely: what all parts of the contract share. */
abstract class ProbeUnderTest {
    static final int ITEMS = 3;

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

    /**
     * With how many midpoints of the ray importance scores have to be complete. A model that bends sharply near 0 needs
     * more: a layer normalisation does so the more, the smaller its epsilon.
     *
     * @return 96 unless overridden
     */
    protected int enoughSteps() {
        return 96;
    }

    /**
     * Whether the model jumps where all activations are 0, as a layer normalisation without epsilon does, whose output does
     * not depend on the scale of its input. Integrated gradients from 0 cannot be complete then, and that is not checked.
     *
     * @return false unless overridden
     */
    protected boolean jumpsAtZero() {
        return false;
    }

    final Tensor inputs(ModelProbe probe) {
        return inputs(probe.inputShape(), ITEMS, random());
    }

    final Random random() {
        return new Random(seed());
    }

    final double tolerance(ModelProbe probe) {
        return tolerance(probe.info().precision());
    }

    final List<Neuron> neurons(Layer layer) {
        return random().ints(0, layer.shape().channels())
                .distinct()
                .limit(Math.min(channelsToCheck(), layer.shape().channels()))
                .mapToObj(layer::neuron)
                .toList();
    }

    /** A lower and a higher layer, with what the lower one shows. */
    record Block(Layer from, Tensor activations, Layer to) {}

    /** All neighbours, and the way from the lowest to the highest layer. */
    final List<Block> blocks(ModelProbe probe) {
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
}
