package io.neurflow.testkit;

import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import java.util.Comparator;

/**
 * A channel of a planted network. Ordered by layer, then by channel.
 *
 * @param layer index of the layer, 0 at the bottom
 * @param channel which one
 */
public record PlantedUnit(int layer, int channel) implements Comparable<PlantedUnit> {
    private static final Comparator<PlantedUnit> ORDER =
            Comparator.comparingInt(PlantedUnit::layer).thenComparingInt(PlantedUnit::channel);

    /**
     * The unit as a neuron of a probe.
     *
     * @param probe of the planted network, whatever its engine
     * @return the neuron
     */
    public Neuron in(ModelProbe probe) {
        return probe.layers().get(layer).neuron(channel);
    }

    /**
     * The unit of a neuron.
     *
     * @param neuron of a probe of the planted network
     * @return the unit
     */
    public static PlantedUnit of(Neuron neuron) {
        Layer layer = neuron.layer();
        return new PlantedUnit(layer.index(), neuron.channel());
    }

    @Override
    public int compareTo(PlantedUnit other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return layer + "#" + channel;
    }
}
