package io.neurflow.api;

import java.util.Locale;

/**
 * The importance score T(a, s, V) of one neuron for another (Eq. 2), signed.
 *
 * @param target a
 * @param source s, in the layer below
 * @param value T summed over the patches, with the spatial mean of a (see {@link ImportanceScores})
 */
public record ImportanceScore(Neuron target, Neuron source, double value) {
    /**
     * What Eq. 2 ranks by.
     *
     * @return |value|
     */
    public double magnitude() {
        return Math.abs(value);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%s T=%+.4g", source, value);
    }
}
