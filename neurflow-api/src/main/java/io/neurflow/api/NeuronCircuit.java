package io.neurflow.api;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;

/**
 * The core concept neuron circuit H<sub>c</sub> (Section 3.4): a layered graph with one edge from each core concept neuron
 * to each semantic group of its parent. The paper calls it a hypertree; a neuron that is core to several parents is stored
 * once.
 *
 * @param root the logit of the class
 * @param layers from the root's layer downwards
 * @param nodes by layer from the root down, then by channel
 * @param edges by parent in the order of the nodes, then by semantic group, then in the order of the core concept neurons
 */
public record NeuronCircuit(
        Neuron root, ImmutableList<Layer> layers, ImmutableList<CircuitNode> nodes, ImmutableList<ConceptEdge> edges) {
    /** Checks that no neuron is stored twice. */
    public NeuronCircuit {
        ImmutableMap<Neuron, CircuitNode> index = Maps.uniqueIndex(nodes, CircuitNode::neuron);
        checkArgument(index.containsKey(root), "the root %s is not among the nodes", root);
    }

    /**
     * The nodes of one layer.
     *
     * @param layer one of {@link #layers()}
     * @return by channel
     */
    public ImmutableList<CircuitNode> at(Layer layer) {
        return nodes.stream()
                .filter(node -> node.neuron().layer().equals(layer))
                .collect(ImmutableList.toImmutableList());
    }

    /**
     * One node.
     *
     * @param neuron a neuron of the circuit
     * @return its node
     * @throws IllegalArgumentException if the neuron is not in the circuit
     */
    public CircuitNode node(Neuron neuron) {
        return nodes.stream()
                .filter(node -> node.neuron().equals(neuron))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        neuron + " is not in the circuit; at(layer) lists the neurons that are"));
    }

    /**
     * The edges that end at a neuron.
     *
     * @param parent a
     * @return by semantic group, then in the order of the core concept neurons
     */
    public ImmutableList<ConceptEdge> edgesInto(Neuron parent) {
        return edges.stream().filter(edge -> edge.parent().equals(parent)).collect(ImmutableList.toImmutableList());
    }

    @Override
    public String toString() {
        return "neuron circuit of " + root + ": " + nodes.size() + " neurons, " + edges.size() + " edges, layers "
                + layers.stream().map(Layer::name).toList();
    }
}
