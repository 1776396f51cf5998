package io.neurflow.examples.bench;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelInfo;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;

/**
 * A probe that passes on forward and gradient but none of an engine's shortcuts, so that its importance scores come about in
 * the plain way: a gradient at every point of the ray of every patch, in batches as large as the engine prefers.
 */
public final class PlainProbe implements ModelProbe {
    private final ModelProbe probe;

    /**
     * Wraps a probe.
     *
     * @param probe the engine; {@link #close()} closes it
     */
    public PlainProbe(ModelProbe probe) {
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
    public int preferredBatch() {
        return probe.preferredBatch();
    }

    @Override
    public void close() {
        probe.close();
    }
}
