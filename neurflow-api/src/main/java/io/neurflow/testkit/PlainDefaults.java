package io.neurflow.testkit;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelInfo;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;

/** A probe without its overrides: only the abstract methods are passed on, so that every default method is the plain one. */
final class PlainDefaults implements ModelProbe {
    private final ModelProbe probe;

    PlainDefaults(ModelProbe probe) {
        this.probe = probe;
    }

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
    public void close() {
        probe.close();
    }
}
