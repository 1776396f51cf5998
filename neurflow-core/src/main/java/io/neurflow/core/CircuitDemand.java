package io.neurflow.core;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.Layer;

/**
 * What a circuit asks for at the most, pair by pair from the root down: bounds that are reached where no two neurons share a
 * core concept neuron, and no two targets a patch.
 *
 * @param steps one for each pair of layers
 */
record CircuitDemand(ImmutableList<Step> steps) {
    /**
     * One pair of layers.
     *
     * @param targets neurons of {@code upper}
     * @param patches in the concepts of all, whose feature maps at {@code lower} are needed
     */
    record Step(Layer upper, Layer lower, int targets, int patches) {}

    /** Of a circuit through some layers, from the root's down, over a number of patches. */
    static CircuitDemand of(CoreConceptFinder finder, ImmutableList<Layer> layers, int count) {
        return of(finder, layers, count, 1);
    }

    /** Of the part of a circuit that begins with a number of targets. */
    static CircuitDemand of(CoreConceptFinder finder, ImmutableList<Layer> layers, int count, int first) {
        ImmutableList.Builder<Step> steps = ImmutableList.builder();
        int targets = first;
        for (int i = 0; i + 1 < layers.size(); i++) {
            Layer lower = layers.get(i + 1);
            int patches = (int) Math.min(count, (long) targets * finder.topPatches());
            steps.add(new Step(layers.get(i), lower, targets, patches));
            targets = (int) Math.min(
                    (long) targets * finder.maxCoreNeurons(), lower.shape().channels());
        }
        return new CircuitDemand(steps.build());
    }

    /** The steps from the bottom up. */
    ImmutableList<Step> fromBelow() {
        return steps.reverse();
    }
}
