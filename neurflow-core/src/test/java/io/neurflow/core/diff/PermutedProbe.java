package io.neurflow.core.diff;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelInfo;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** A model with the channels of every layer below the logits in another order: the same function, other neurons. */
final class PermutedProbe implements ModelProbe {
    private final ModelProbe inner;
    /** The inner channel that each channel shows. */
    private final Map<Layer, ImmutableIntArray> shown = new HashMap<>();

    PermutedProbe(ModelProbe inner, long seed) {
        this.inner = inner;
        Random random = new Random(seed);
        for (Layer layer : inner.layers()) {
            List<Integer> order = new ArrayList<>(
                    IntStream.range(0, layer.shape().channels()).boxed().toList());
            if (!layer.equals(inner.logits())) {
                Collections.shuffle(order, random);
            }
            shown.put(layer, ImmutableIntArray.copyOf(order));
        }
    }

    private Tensor permuted(Layer layer, Tensor tensor, boolean inwards) {
        ImmutableIntArray order = shown.get(layer);
        Shape shape = layer.shape();
        double[] values = tensor.toDoubles();
        double[] moved = new double[values.length];
        int plane = shape.positions();
        for (int item = 0; item < tensor.count(); item++) {
            for (int c = 0; c < shape.channels(); c++) {
                int outer = (item * shape.channels() + c) * plane;
                int inside = (item * shape.channels() + order.get(c)) * plane;
                System.arraycopy(values, inwards ? outer : inside, moved, inwards ? inside : outer, plane);
            }
        }
        return Tensor.ofDoubles(tensor.count(), shape, moved);
    }

    @Override
    public ModelInfo info() {
        ModelInfo info = inner.info();
        return new ModelInfo(info.name() + ", permuted", "1".repeat(64), info.engine(), info.precision());
    }

    @Override
    public Shape inputShape() {
        return inner.inputShape();
    }

    @Override
    public ImmutableList<Layer> layers() {
        return inner.layers();
    }

    @Override
    public Tensor forward(Tensor inputs, Layer to) {
        return permuted(to, inner.forward(inputs, to), false);
    }

    @Override
    public Tensor forward(Layer from, Tensor activations, Layer to) {
        return permuted(to, inner.forward(from, permuted(from, activations, true), to), false);
    }

    @Override
    public Tensor gradient(Layer from, Tensor activations, Neuron target) {
        Neuron inside = target.layer().neuron(shown.get(target.layer()).get(target.channel()));
        return permuted(from, inner.gradient(from, permuted(from, activations, true), inside), false);
    }

    @Override
    public void close() {
        inner.close();
    }
}
