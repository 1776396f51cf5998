package io.neurflow.core.keras;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;

/** Where the weights of layers stand. */
interface WeightSource {
    /** A whole number of no use here, which stands among the weights of a Normalization; it is never read. */
    String COUNT = "count";

    /**
     * Finds the weights of a layer.
     *
     * @param layer names of the models around it, from the outermost in, and its own
     * @param roles what the layer's own code calls its weights, in the order in which it makes them; trainable ones first
     * @return by role; all of {@code roles} but {@link #COUNT}
     * @throws IllegalArgumentException if they are not there, or there are others
     */
    ImmutableMap<String, Array> of(ImmutableList<String> layer, ImmutableList<String> roles);
}
