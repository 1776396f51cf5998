package io.neurflow.core.certificate;

import io.neurflow.api.CircuitNode;
import io.neurflow.api.ConceptEdge;
import io.neurflow.api.Layer;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronCircuit;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Ranks the neurons of a circuit by what reaches the root: the root has influence 1, and a child gets its parent's times the
 * magnitude of the edge's weight times the share of the parent's concept that the semantic group is.
 */
final class Influence {
    private Influence() {}

    /** All neurons below the root, the most influential first, the lower layer and channel first on ties. */
    static List<Neuron> ranking(NeuronCircuit circuit) {
        Map<Neuron, Double> influence = new HashMap<>(Map.of(circuit.root(), 1.0));
        for (Layer layer : circuit.layers()) {
            for (CircuitNode node : circuit.at(layer)) {
                double own = influence.getOrDefault(node.neuron(), 0.0);
                for (ConceptEdge edge : circuit.edgesInto(node.neuron())) {
                    double share = (double) edge.group().patches().length()
                            / node.concept().size();
                    influence.merge(edge.child(), own * share * Math.abs(edge.weight()), Double::sum);
                }
            }
        }
        return circuit.nodes().stream()
                .map(CircuitNode::neuron)
                .filter(neuron -> !neuron.equals(circuit.root()))
                .sorted(Comparator.comparingDouble((Neuron neuron) -> -influence.getOrDefault(neuron, 0.0))
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
    }
}
