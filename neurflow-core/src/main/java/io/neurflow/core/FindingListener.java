package io.neurflow.core;

import io.neurflow.api.SemanticGroups;

/**
 * Is told what a {@link CircuitBuilder} finds, target by target: the scores of every patch, of which a circuit keeps the sums
 * only. Layers come from the root's downwards; within a layer targets come in ascending order.
 */
@FunctionalInterface
public interface FindingListener {
    /** Is not interested. */
    FindingListener NONE = (finding, groups) -> {};

    /**
     * One target is done. What is not kept here is gone: the scores are no part of a circuit.
     *
     * @param finding concept, scores and core concept neurons of the target
     * @param groups the semantic groups of its concept
     */
    void found(Finding finding, SemanticGroups groups);
}
