package io.neurflow.api;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;

/**
 * A place where the model can be cut: everything above depends on what is below through this layer's activation alone.
 * Layers come from {@link ModelProbe#layers()}; names are resolved once.
 *
 * @param name the layer's name, unique within the probe
 * @param index position in {@link ModelProbe#layers()}, 0 at the bottom
 * @param kind the operator that makes the activation, such as {@code Relu} or {@code Concat}; for people to read
 * @param shape extent of the activation for one input
 */
public record Layer(String name, int index, String kind, Shape shape) {

    /** Checks name and index. */
    public Layer {
        checkArgument(!name.isBlank(), "a layer needs a name");
        checkArgument(index >= 0, "a layer's index is not negative, but it is %s", index);
    }

    /**
     * A neuron of this layer (Section 3.2: a feature map of a convolutional layer, or a unit of a linear one).
     *
     * @param channel 0 up to, not including, {@code shape().channels()}
     * @return the neuron
     * @throws IndexOutOfBoundsException if there is no such channel
     */
    public Neuron neuron(int channel) {
        return new Neuron(this, channel);
    }

    int checkChannel(int channel) {
        return checkElementIndex(channel, shape.channels(), "channel of layer " + name);
    }

    @Override
    public String toString() {
        return name + " " + shape;
    }
}
