package io.neurflow.core;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableDoubleArray;
import io.neurflow.api.CircuitNode;
import io.neurflow.api.ConceptEdge;
import io.neurflow.api.ImportanceScore;
import io.neurflow.api.Layer;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronCircuit;
import io.neurflow.api.NeuronConcept;
import io.neurflow.api.ProgressListener;
import io.neurflow.api.SemanticGroup;
import io.neurflow.api.SemanticGroups;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Algorithm 3: from the root downwards, the core concept neurons of every neuron of the layer above, each neuron once, in
 * ascending order within a layer. The neurons of the lowest layer, which has nothing below it in the circuit, have their
 * semantic groups in the space of their own layer.
 */
final class NeuronCircuitBuild {
    private final CoreConceptFinder finder;
    private final SemanticGrouper grouper;
    private final DeadNeurons dead;
    private final PatchActivations activations;
    private final long mapBudgetBytes;
    private final long mapDiskBytes;
    private final ProgressListener listener;
    private final FindingListener findings;
    private final Stored stored;
    private final ImmutableList.Builder<CircuitNode> nodes = ImmutableList.builder();
    private final ImmutableList.Builder<ConceptEdge> edges = ImmutableList.builder();

    NeuronCircuitBuild(
            CoreConceptFinder finder,
            SemanticGrouper grouper,
            DeadNeurons dead,
            PatchActivations activations,
            long mapBudgetBytes,
            long mapDiskBytes,
            ProgressListener listener,
            FindingListener findings,
            Stored stored) {
        this.finder = finder;
        this.grouper = grouper;
        this.dead = dead;
        this.activations = activations;
        this.mapBudgetBytes = mapBudgetBytes;
        this.mapDiskBytes = mapDiskBytes;
        this.listener = listener;
        this.findings = findings;
        this.stored = stored;
    }

    NeuronCircuit run(Neuron root, ImmutableList<Layer> layers) {
        Set<Neuron> frontier = new TreeSet<>(Set.of(root));
        FeatureMapSource maps = activations.maps().orElseGet(() -> ownMaps(layers));
        try {
            for (int i = 0; i + 1 < layers.size(); i++) {
                frontier = step(layers.get(i), layers.get(i + 1), frontier, maps);
            }
        } finally {
            if (activations.maps().isEmpty()) {
                maps.close();
            }
        }
        Layer lowest = layers.get(layers.size() - 1);
        for (Neuron neuron : frontier) {
            NeuronConcept concept = activations.concept(neuron, finder.topPatches());
            nodes.add(new CircuitNode(concept, grouper.group(concept, lowest, activations), Optional.empty()));
        }
        return new NeuronCircuit(root, layers, nodes.build(), edges.build());
    }

    private FeatureMapSource ownMaps(ImmutableList<Layer> layers) {
        int count = activations.patches().patches().size();
        CircuitDemand demand = CircuitDemand.of(finder, layers, count);
        return new FeatureMapSource(
                finder.probe(),
                activations.patches(),
                MapSchedule.bestAfterPass(finder.probe(), demand, count, TemporaryFile.room(mapDiskBytes)));
    }

    private Set<Neuron> step(Layer upper, Layer lower, Set<Neuron> targets, FeatureMapSource maps) {
        List<CircuitNode> here = new ArrayList<>();
        List<NeuronConcept> alive = new ArrayList<>();
        for (Neuron neuron : targets) {
            NeuronConcept concept = activations.concept(neuron, finder.topPatches());
            if (dead.hasCore(concept)) {
                alive.add(concept);
            } else {
                here.add(new CircuitNode(concept, grouper.group(concept, lower, activations), Optional.empty()));
            }
        }
        int pairs = alive.stream().mapToInt(NeuronConcept::size).sum();
        Stage stage = new Stage(listener, "core concept neurons of " + upper.name(), pairs);
        ImportanceSweep sweep = new ImportanceSweep(finder, maps, lower, mapBudgetBytes, stored);
        List<RefinedScores> scores = sweep.run(alive, stage);
        Set<Neuron> found = new TreeSet<>();
        for (int i = 0; i < alive.size(); i++) {
            Finding finding = finder.find(alive.get(i), scores.get(i));
            SemanticGroups groups = grouper.group(finding.concept(), lower, activations);
            here.add(new CircuitNode(finding.concept(), groups, Optional.of(finding.core())));
            for (SemanticGroup group : groups.groups()) {
                addEdges(finding, group);
            }
            found.addAll(finding.core().neurons());
            findings.found(finding, groups);
            stage.report();
        }
        here.sort(Comparator.comparing(CircuitNode::neuron));
        nodes.addAll(here);
        return found;
    }

    /** Eq. 4 over one semantic group; all weights are zero if every importance score is. */
    private void addEdges(Finding finding, SemanticGroup group) {
        ImmutableList<ImportanceScore> core = finding.core().scores();
        double[] importance = new double[core.size()];
        double total = 0;
        for (int i = 0; i < importance.length; i++) {
            int channel = core.get(i).source().channel();
            for (int row = 0; row < finding.concept().size(); row++) {
                if (group.patches().contains(finding.concept().patches().get(row))) {
                    importance[i] += finding.scores().value(row, channel);
                }
            }
            total += Math.abs(importance[i]);
        }
        ImmutableDoubleArray values = ImmutableDoubleArray.copyOf(importance);
        for (int i = 0; i < importance.length; i++) {
            double weight = total == 0 ? 0 : values.get(i) / total;
            edges.add(new ConceptEdge(group, core.get(i).source(), values.get(i), weight));
        }
    }
}
