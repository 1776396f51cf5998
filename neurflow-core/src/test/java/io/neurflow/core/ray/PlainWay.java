package io.neurflow.core.ray;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelInfo;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;

/** A probe whose importance scores are those of the default methods: a gradient at each node of the quadrature. */
record PlainWay(ModelProbe probe) implements ModelProbe {
    @Override
    public ModelInfo info() {
        return probe.info();
    }

    @Override
    public Shape inputShape() {
        return probe.inputShape();
    }

    @Override
    public ImmutableList<Layer> layers() {
        return probe.layers();
    }

    @Override
    public Tensor forward(Tensor inputs, Layer to) {
        return probe.forward(inputs, to);
    }

    @Override
    public Tensor forward(Layer from, Tensor activations, Layer to) {
        return probe.forward(from, activations, to);
    }

    @Override
    public Tensor gradient(Layer from, Tensor activations, Neuron target) {
        return probe.gradient(from, activations, target);
    }

    @Override
    public int preferredBatch() {
        return 16;
    }

    @Override
    public void close() {
        probe.close();
    }
}
