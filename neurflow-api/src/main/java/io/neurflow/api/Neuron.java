package io.neurflow.api;

import java.util.Comparator;

/**
 * A neuron a or s<sub>i</sub> (Section 3.2): one channel of one layer. Ordered by layer, then by channel.
 *
 * @param layer where it is
 * @param channel which one
 */
public record Neuron(Layer layer, int channel) implements Comparable<Neuron> {
    private static final Comparator<Neuron> ORDER =
            Comparator.comparingInt((Neuron n) -> n.layer.index()).thenComparingInt(Neuron::channel);

    /** Checks that the layer has the channel. */
    public Neuron {
        layer.checkChannel(channel);
    }

    @Override
    public int compareTo(Neuron other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return layer.name() + "#" + channel;
    }
}
