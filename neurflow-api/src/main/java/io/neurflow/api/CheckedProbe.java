package io.neurflow.api;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * A probe to start from: it answers what is known without the model, refuses what {@link ModelProbe} says is refused
 * (closed probes, foreign layers, layers in the wrong order, tensors of the wrong shape), answers empty batches, and holds
 * what the subclass computes against the layer's shape and the probe's precision. What is left to write are {@link #compute},
 * {@link #computeBetween} and {@link #differentiate}, which are called with arguments that are right.
 */
public abstract class CheckedProbe implements ModelProbe {
    private final ModelInfo info;
    private final Shape inputShape;
    private final ImmutableList<Layer> layers;
    private boolean closed;

    /**
     * Takes what is known of the model.
     *
     * @param info name, digest, engine, precision
     * @param inputShape extent of one input
     * @param layers from the lowest to the logits, numbered from 0
     */
    protected CheckedProbe(ModelInfo info, Shape inputShape, List<Layer> layers) {
        checkArgument(!layers.isEmpty(), "expected at least one layer, the logits, but there is none");
        for (int i = 0; i < layers.size(); i++) {
            checkArgument(
                    layers.get(i).index() == i,
                    "expected layers numbered from 0 upwards, but number %s is '%s' with index %s",
                    i,
                    layers.get(i).name(),
                    layers.get(i).index());
        }
        this.info = info;
        this.inputShape = inputShape;
        this.layers = ImmutableList.copyOf(layers);
    }

    /**
     * From inputs to a layer.
     *
     * @param inputs [n, {@link #inputShape()}] in either precision, n at least 1
     * @param to one of {@link #layers()}
     * @return [n, shape of {@code to}] in the probe's precision
     */
    protected abstract Tensor compute(Tensor inputs, Layer to);

    /**
     * From a layer to a higher one.
     *
     * @param from one of {@link #layers()}
     * @param activations [n, shape of {@code from}] in either precision, n at least 1
     * @param to a higher one
     * @return [n, shape of {@code to}] in the probe's precision
     */
    protected abstract Tensor computeBetween(Layer from, Tensor activations, Layer to);

    /**
     * The gradient of the mean over the positions of the target's channel.
     *
     * @param from one of {@link #layers()}
     * @param activations [n, shape of {@code from}] in either precision, n at least 1
     * @param target in a higher one
     * @return [n, shape of {@code from}] in the probe's precision
     */
    protected abstract Tensor differentiate(Layer from, Tensor activations, Neuron target);

    /** Lets go of what is held outside the Java heap; called once. By default there is nothing. */
    protected void release() {}

    @Override
    public final ModelInfo info() {
        return info;
    }

    @Override
    public final Shape inputShape() {
        return inputShape;
    }

    @Override
    public final ImmutableList<Layer> layers() {
        return layers;
    }

    @Override
    public final Tensor forward(Tensor inputs, Layer to) {
        checkOpen();
        checkMine(to);
        checkShape(inputs, inputShape, "inputs");
        return inputs.count() == 0 ? none(to) : checked(compute(inputs, to), inputs.count(), to.shape(), "compute");
    }

    @Override
    public final Tensor forward(Layer from, Tensor activations, Layer to) {
        checkBlock(from, activations, to);
        int count = activations.count();
        return count == 0
                ? none(to)
                : checked(computeBetween(from, activations, to), count, to.shape(), "computeBetween");
    }

    @Override
    public final Tensor gradient(Layer from, Tensor activations, Neuron target) {
        checkBlock(from, activations, target.layer());
        int count = activations.count();
        return count == 0
                ? none(from)
                : checked(differentiate(from, activations, target), count, from.shape(), "differentiate");
    }

    @Override
    public final void close() {
        if (!closed) {
            closed = true;
            release();
        }
    }

    /**
     * Checks the arguments of a pass between two layers, for subclasses that override more.
     *
     * @param from the lower layer
     * @param activations [n, shape of {@code from}]
     * @param to the higher layer
     */
    protected final void checkBlock(Layer from, Tensor activations, Layer to) {
        checkOpen();
        checkMine(from);
        checkMine(to);
        checkArgument(
                from.index() < to.index(),
                "expected a layer above '%s' to go to, but '%s' is not; layers() lists them from bottom to top",
                from.name(),
                to.name());
        checkShape(activations, from.shape(), "activations of '" + from.name() + "'");
    }

    /** Refuses to go on if the probe is closed. */
    protected final void checkOpen() {
        checkState(!closed, "the probe of '%s' is closed; open a new one", info.name());
    }

    private void checkMine(Layer layer) {
        checkArgument(
                layer.index() < layers.size() && layers.get(layer.index()).equals(layer),
                "expected a layer of this probe, but '%s' is not one; take layers from layers() or layer(name)",
                layer);
    }

    private static void checkShape(Tensor tensor, Shape shape, String what) {
        checkArgument(
                tensor.shape().equals(shape),
                "expected %s of shape %s, but they are %s; crop, scale or select them first",
                what,
                shape,
                tensor.shape());
    }

    private Tensor none(Layer layer) {
        return Tensor.zeros(0, layer.shape(), info.precision());
    }

    private Tensor checked(Tensor result, int count, Shape shape, String method) {
        checkState(
                result.count() == count && result.shape().equals(shape) && result.precision() == info.precision(),
                "%s of %s should give %s x %s in %s, but it gave %s",
                method,
                getClass().getSimpleName(),
                count,
                shape,
                info.precision(),
                result);
        return result;
    }

    @Override
    public String toString() {
        return info.name() + " (" + layers.size() + " layers, " + info.engine() + (closed ? ", closed)" : ")");
    }
}
