package io.neurflow.core.experiment;

import static com.google.common.base.Preconditions.checkArgument;

import io.neurflow.api.Layer;

/**
 * Two neighbouring layers.
 *
 * @param below whose neurons are sources
 * @param above whose neurons are targets
 */
public record LayerPair(Layer below, Layer above) {
    /** Checks their order. */
    public LayerPair {
        checkArgument(
                below.index() < above.index(), "expected the lower layer first, but %s is not below %s", below, above);
    }

    @Override
    public String toString() {
        return above.name() + " <- " + below.name();
    }
}
