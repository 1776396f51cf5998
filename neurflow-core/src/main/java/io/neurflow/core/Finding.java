package io.neurflow.core;

import io.neurflow.api.CoreConceptNeurons;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.NeuronConcept;

/**
 * What is found out about one target neuron.
 *
 * @param concept V<sub>a</sub>
 * @param scores T[v, c] for the patches of the concept, in its order, and all channels of the layer below
 * @param core S<sub>a</sub>
 */
public record Finding(NeuronConcept concept, ImportanceScores scores, CoreConceptNeurons core) {}
