package io.neurflow.core.attribution;

import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.Tensor;

/** A way to say how much each channel of a layer means to a neuron above. Immutable, and the same for the same seed. */
public interface Attribution {
    /**
     * What is computed, in a few words.
     *
     * @return for tables
     */
    String name();

    /**
     * Scores over a set of feature maps.
     *
     * @param probe the model
     * @param from the layer below
     * @param maps its feature maps for the patches of a's concept, [k, shape of {@code from}]
     * @param target a, in a higher layer
     * @return one for each channel of {@code from}; the larger its magnitude, the more the channel matters
     * @throws IllegalArgumentException if the method has no rule for what lies between
     */
    double[] scores(ModelProbe probe, Layer from, Tensor maps, Neuron target);

    /**
     * Whether a negative score says that the channel speaks against the target.
     *
     * @return false unless overridden
     */
    default boolean signed() {
        return false;
    }

    /**
     * Whether there is a rule for what lies between two layers.
     *
     * @param from the lower layer
     * @param above the target's
     * @return true unless overridden
     */
    default boolean appliesTo(Layer from, Layer above) {
        return true;
    }
}
