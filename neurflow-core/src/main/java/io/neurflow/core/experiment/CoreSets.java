package io.neurflow.core.experiment;

import com.google.common.collect.ImmutableSetMultimap;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.collect.Iterables;
import io.neurflow.api.CircuitNode;
import io.neurflow.api.Layer;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronCircuit;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The core neurons of each layer for a smaller &tau; than a circuit was built with: core neurons are kept in the order of their
 * importance, so that the circuit of a smaller &tau; is a part of it, and need not be built.
 */
final class CoreSets {
    private CoreSets() {}

    /** By layer below the root. */
    static ImmutableSetMultimap<Layer, Neuron> of(NeuronCircuit circuit, int tau) {
        ImmutableSetMultimap.Builder<Layer, Neuron> sets = ImmutableSetMultimap.builder();
        Set<Neuron> above = Set.of(circuit.root());
        while (!above.isEmpty()) {
            Set<Neuron> below = new HashSet<>();
            for (Neuron neuron : above) {
                circuit.node(neuron).core().ifPresent(core -> Iterables.limit(core.neurons(), tau)
                        .forEach(below::add));
            }
            ImmutableSortedSet.copyOf(below).forEach(neuron -> sets.put(neuron.layer(), neuron));
            above = below;
        }
        return sets.build();
    }

    /** Layers below the root that have neurons, the highest first. */
    static List<Layer> layers(NeuronCircuit circuit) {
        Set<Layer> found = circuit.nodes().stream()
                .map(CircuitNode::neuron)
                .map(Neuron::layer)
                .collect(Collectors.toSet());
        found.remove(circuit.root().layer());
        return found.stream()
                .sorted((one, other) -> Integer.compare(other.index(), one.index()))
                .toList();
    }
}
