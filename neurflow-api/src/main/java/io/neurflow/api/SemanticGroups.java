package io.neurflow.api;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;

/**
 * The concept of one neuron, split by Algorithm 2.
 *
 * @param groups in the order of {@link SemanticGroup#index()}; together they hold every patch of the concept once
 * @param space the layer whose pooled activations r(v) (Eq. 3) were clustered
 * @param silhouettes for each number of groups that was tried, the mean silhouette; empty if there was nothing to try
 */
public record SemanticGroups(
        ImmutableList<SemanticGroup> groups, Layer space, ImmutableSortedMap<Integer, Double> silhouettes) {
    @Override
    public String toString() {
        return groups + " in " + space.name() + ", silhouettes " + silhouettes;
    }
}
