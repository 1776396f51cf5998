package io.neurflow.core.certificate;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.CircuitNode;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.ConceptEdge;
import io.neurflow.api.CoreConceptNeurons;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.PatchSet;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Looks at edges and targets one by one, on the patches that the circuit was found from. */
final class Audit {
    private final ModelProbe probe;
    private final ConceptCircuit circuit;
    private final PatchSet patches;
    private final long seed;

    Audit(ModelProbe probe, ConceptCircuit circuit, PatchSet patches, long seed) {
        this.probe = probe;
        this.circuit = circuit;
        this.patches = patches;
        this.seed = seed;
    }

    ImmutableList<EdgeAudit.Check> checks(int most) {
        List<ConceptEdge> edges = new ArrayList<>(circuit.neurons().edges());
        Collections.shuffle(edges, new Random(seed));
        return edges.stream().limit(most).map(this::check).collect(ImmutableList.toImmutableList());
    }

    private EdgeAudit.Check check(ConceptEdge edge) {
        ImmutableIntArray group = edge.group().patches();
        Tensor x = probe.forward(patches.inputs(group), edge.child().layer());
        double measured = effect(x, edge.parent(), Set.of(edge.child()));
        return new EdgeAudit.Check(edge, edge.importance() / group.length(), measured);
    }

    /** The mean of the target less that without some neurons of the layer of x. */
    private double effect(Tensor x, Neuron target, Set<Neuron> without) {
        var layer = without.iterator().next().layer();
        Tensor before = probe.forward(layer, x, target.layer());
        Tensor after = probe.forwardWithout(layer, x, without, target.layer());
        return mean(before, target) - mean(after, target);
    }

    private static double mean(Tensor values, Neuron neuron) {
        double sum = 0;
        for (double[] row : values.spatialMeans()) {
            sum += row[neuron.channel()];
        }
        return sum / values.count();
    }

    /** The root, then others at random. */
    private List<CircuitNode> targets(int most) {
        List<CircuitNode> nodes = new ArrayList<>(circuit.neurons().nodes().stream()
                .filter(node -> node.core().isPresent())
                .toList());
        if (nodes.size() > 1) {
            Collections.shuffle(nodes.subList(1, nodes.size()), new Random(seed));
        }
        return nodes.subList(0, Math.min(most, nodes.size()));
    }

    ImmutableList<EdgeAudit.Interaction> interactions(int most) {
        ImmutableList.Builder<EdgeAudit.Interaction> interactions = ImmutableList.builder();
        for (CircuitNode node : targets(most)) {
            CoreConceptNeurons core = node.core().orElseThrow();
            Tensor x = probe.forward(patches.inputs(node.concept().patches()), core.source());
            double singles = core.neurons().stream()
                    .mapToDouble(child -> effect(x, node.neuron(), Set.of(child)))
                    .sum();
            interactions.add(new EdgeAudit.Interaction(
                    node.neuron(), effect(x, node.neuron(), Set.copyOf(core.neurons())), singles));
        }
        return interactions.build();
    }

    ImmutableList<Stability> stability(int most, int draws) {
        ImmutableList.Builder<Stability> all = ImmutableList.builder();
        for (CircuitNode node : targets(most)) {
            CoreConceptNeurons core = node.core().orElseThrow();
            ImmutableIntArray concept = node.concept().patches();
            Tensor x = probe.forward(patches.inputs(concept), core.source());
            // per-patch scores are not part of a circuit: they are computed again
            ImportanceScores scores = probe.importance(core.source(), x, node.neuron(), Quadrature.gaussLegendre(50));
            ImmutableIntArray images = ImmutableIntArray.copyOf(
                    concept.stream().map(v -> patches.patches().get(v).image()));
            all.add(Stability.of(scores, images, core.scores().size(), draws, seed));
        }
        return all.build();
    }
}
