package io.neurflow.api;

import com.google.common.collect.ImmutableList;
import java.util.Optional;

/**
 * A neuron of the circuit, with what is known of it.
 *
 * @param concept its concept V<sub>a</sub>
 * @param semanticGroups how the concept splits
 * @param core its core concept neurons in the layer below; empty in the lowest layer of the circuit and, unless the
 *     circuit was built to treat it as any other, for a neuron that has the same activation on every patch of its concept
 */
public record CircuitNode(NeuronConcept concept, SemanticGroups semanticGroups, Optional<CoreConceptNeurons> core) {
    /**
     * The neuron itself.
     *
     * @return a
     */
    public Neuron neuron() {
        return concept.neuron();
    }

    /**
     * Its semantic groups.
     *
     * @return in the order of {@link SemanticGroup#index()}
     */
    public ImmutableList<SemanticGroup> groups() {
        return semanticGroups.groups();
    }

    @Override
    public String toString() {
        return neuron() + ": " + concept.size() + " patches in " + groups().size() + " semantic groups, "
                + core.map(c -> c.scores().size()).orElse(0) + " core concept neurons";
    }
}
