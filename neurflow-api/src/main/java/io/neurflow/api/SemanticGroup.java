package io.neurflow.api;

import com.google.common.primitives.ImmutableIntArray;

/**
 * A semantic group V<sub>a,j</sub> (Section 3.4, Algorithm 2): patches of one neuron's concept that look alike to the layer
 * below.
 *
 * @param neuron a
 * @param index j, numbered by first appearance in the concept
 * @param patches indices of the patches, in the order of the concept
 */
public record SemanticGroup(Neuron neuron, int index, ImmutableIntArray patches) {
    @Override
    public String toString() {
        return neuron + "/" + index + " " + patches;
    }
}
