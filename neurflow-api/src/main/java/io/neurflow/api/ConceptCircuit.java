package io.neurflow.api;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/**
 * The concept circuit C<sub>c</sub> (Section 3.5): neuron groups as nodes, signed weights as edges, with the neuron circuit
 * that it summarises and all that is needed to understand and repeat it. An immutable value.
 *
 * @param neurons the circuit of single neurons
 * @param groups the neuron groups, by layer from the root down, then by index
 * @param edges by parent in the order of the groups, then by child; pairs without any edge are left out
 * @param silhouettes per layer name, for each number of groups that was tried, the mean silhouette
 * @param images the images D<sub>c</sub>
 * @param patches the patches that the indices in concepts refer to
 * @param provenance how it was made
 * @param certificate how far it can be trusted, where that was computed
 */
public record ConceptCircuit(
        NeuronCircuit neurons,
        ImmutableList<NeuronGroup> groups,
        ImmutableList<GroupEdge> edges,
        ImmutableMap<String, ImmutableSortedMap<Integer, Double>> silhouettes,
        ImmutableList<SourceImage> images,
        ImmutableList<Patch> patches,
        Provenance provenance,
        Optional<CircuitCertificate> certificate) {

    /**
     * A circuit without a certificate.
     *
     * @param neurons the circuit of single neurons
     * @param groups the neuron groups, by layer from the root down, then by index
     * @param edges by parent in the order of the groups, then by child; pairs without any edge are left out
     * @param silhouettes per layer name, for each number of groups that was tried, the mean silhouette
     * @param images the images D<sub>c</sub>
     * @param patches the patches that the indices in concepts refer to
     * @param provenance how it was made
     */
    public ConceptCircuit(
            NeuronCircuit neurons,
            ImmutableList<NeuronGroup> groups,
            ImmutableList<GroupEdge> edges,
            ImmutableMap<String, ImmutableSortedMap<Integer, Double>> silhouettes,
            ImmutableList<SourceImage> images,
            ImmutableList<Patch> patches,
            Provenance provenance) {
        this(neurons, groups, edges, silhouettes, images, patches, provenance, Optional.empty());
    }

    /**
     * The same circuit with a certificate.
     *
     * @param found how far this circuit can be trusted
     * @return a copy that carries it instead of the one that this may have
     */
    public ConceptCircuit withCertificate(CircuitCertificate found) {
        return new ConceptCircuit(neurons, groups, edges, silhouettes, images, patches, provenance, Optional.of(found));
    }

    /**
     * The group that holds the logit of the class.
     *
     * @return the only group of the highest layer
     */
    public NeuronGroup root() {
        return groups.get(0);
    }

    /**
     * The layers.
     *
     * @return from the logits downwards
     */
    public ImmutableList<Layer> layers() {
        return neurons.layers();
    }

    /**
     * The groups of one layer.
     *
     * @param layer one of {@link #layers()}
     * @return by index
     */
    public ImmutableList<NeuronGroup> at(Layer layer) {
        return groups.stream().filter(group -> group.layer().equals(layer)).collect(ImmutableList.toImmutableList());
    }

    /**
     * The edges that end at a group.
     *
     * @param parent a group of this circuit
     * @return the heaviest magnitude first
     */
    public ImmutableList<GroupEdge> edgesInto(NeuronGroup parent) {
        return sorted(edges.stream().filter(edge -> edge.parent().equals(parent)));
    }

    /**
     * The edges that start at a group.
     *
     * @param child a group of this circuit
     * @return the heaviest magnitude first
     */
    public ImmutableList<GroupEdge> edgesOutOf(NeuronGroup child) {
        return sorted(edges.stream().filter(edge -> edge.child().equals(child)));
    }

    private static ImmutableList<GroupEdge> sorted(java.util.stream.Stream<GroupEdge> edges) {
        return edges.sorted(Comparator.comparingDouble((GroupEdge edge) -> -Math.abs(edge.weight())))
                .collect(ImmutableList.toImmutableList());
    }

    /**
     * The largest completeness residual as a share of the target's largest change.
     *
     * @return the maximum over all targets; 0 if there are none
     */
    public double largestRelativeResidual() {
        return neurons.nodes().stream()
                .flatMap(node -> node.core().stream())
                .filter(core -> core.largestChange() > 0)
                .mapToDouble(core -> core.largestResidual() / core.largestChange())
                .max()
                .orElse(0);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append("concept circuit of ")
                .append(neurons.root())
                .append(" in ")
                .append(provenance.model().name());
        text.append(": ")
                .append(images.size())
                .append(" images, ")
                .append(patches.size())
                .append(" patches, ");
        text.append(neurons.nodes().size())
                .append(" neurons, ")
                .append(groups.size())
                .append(" groups, ");
        text.append(edges.size()).append(" edges");
        text.append(String.format(
                Locale.ROOT,
                "\nlargest completeness residual %.2f %% of the target's change",
                100 * largestRelativeResidual()));
        for (Layer layer : layers()) {
            text.append('\n')
                    .append(layer)
                    .append(": ")
                    .append(at(layer).size())
                    .append(" groups of ");
            text.append(neurons.at(layer).size()).append(" neurons");
        }
        certificate.ifPresent(found -> text.append("\ncertificate: ").append(found));
        for (String warning : provenance.warnings()) {
            text.append("\nwarning: ").append(warning);
        }
        return text.toString();
    }
}
