package io.neurflow.core;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.CircuitNode;
import io.neurflow.api.CoreConceptNeurons;
import io.neurflow.api.Layer;
import io.neurflow.api.NeuronCircuit;
import java.util.List;
import java.util.Locale;

/** What a reader of a finished circuit should know before trusting it. */
final class CircuitWarnings {
    private CircuitWarnings() {}

    static ImmutableList<String> of(NeuronCircuit circuit, GroupSpace space, double residualTolerance) {
        ImmutableList.Builder<String> all = ImmutableList.builder();
        Layer lowest = circuit.layers().get(circuit.layers().size() - 1);
        if (space == GroupSpace.LAYER_BELOW && lowest.index() == 0) {
            all.add(lowest.name()
                    + " is the lowest layer of the probe, so its neurons are grouped by their own layer instead"
                    + " of the one below; open the probe with one layer more, as LayerPlan.withBlockBelow() does, and end"
                    + " the circuit with downTo at " + lowest.name());
        }
        circuit.nodes().stream()
                .filter(node -> !node.neuron().layer().equals(lowest))
                .filter(node -> node.core().isEmpty() || node.concept().isDead())
                .forEach(node -> all.add(dead(node)));
        residuals(circuit, residualTolerance, all);
        return all.build();
    }

    private static String dead(CircuitNode node) {
        return node.neuron() + " has the same activation for every patch of its concept; it is kept "
                + (node.core().isEmpty()
                        ? "without core concept neurons"
                        : "like any other neuron, though its core concept neurons say little");
    }

    private static void residuals(NeuronCircuit circuit, double tolerance, ImmutableList.Builder<String> all) {
        List<CoreConceptNeurons> targets =
                circuit.nodes().stream().flatMap(node -> node.core().stream()).toList();
        long large = targets.stream()
                .filter(core -> core.largestResidual() > tolerance * core.largestChange())
                .count();
        if (large > 0) {
            all.add(String.format(
                    Locale.ROOT,
                    "the completeness residual of %d of %d targets is above %s %% of their change; use more integration steps",
                    large,
                    targets.size(),
                    100 * tolerance));
        }
    }
}
