package io.neurflow.core;

import io.neurflow.api.NeuronConcept;

/**
 * What a circuit does with a neuron that has the same activation for every patch of its concept: the patches are then no
 * more than the first ones of D, and what is computed of them says nothing about the neuron.
 */
public enum DeadNeurons {
    /** It is a node without core concept neurons, so the circuit ends there; the provenance names it in a warning. */
    WITHOUT_CORE,
    /**
     * It is treated as any other neuron: the paper and its code make no exception. The provenance still names it in a
     * warning. If every T of Eq. 4 is zero, so are the weights.
     */
    AS_OTHERS;

    /** Whether core concept neurons are looked for. */
    boolean hasCore(NeuronConcept concept) {
        return this == AS_OTHERS || !concept.isDead();
    }
}
