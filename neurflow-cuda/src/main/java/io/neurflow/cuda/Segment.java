package io.neurflow.cuda;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import io.neurflow.core.graph.Op;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A part of a network to run as one: which of its functions are done in place, fused into the operator before them, and which
 * values the way back will want.
 */
final class Segment {
    private final NetworkGraph graph;
    private final ImmutableList<Node> nodes;
    private final ImmutableSet<Integer> given;
    private final Map<Integer, Integer> readers = new HashMap<>();
    /** From a value to the function that is applied to it in place. */
    private final Map<Integer, Node> fused = new HashMap<>();

    /**
     * Lays a segment out.
     *
     * @param nodes in the order in which they run
     * @param given values that are there before
     * @param outputs values of the segment that somebody wants
     * @param inPlace whether functions may be applied to given values in place
     */
    Segment(
            NetworkGraph graph,
            ImmutableList<Node> nodes,
            Collection<Integer> given,
            Collection<Integer> outputs,
            boolean inPlace) {
        this.graph = graph;
        this.nodes = nodes;
        this.given = ImmutableSet.copyOf(given);
        nodes.forEach(node -> node.inputs().forEach(value -> readers.merge(value, 1, Integer::sum)));
        outputs.forEach(value -> readers.merge(value, 1, Integer::sum));
        Set<Integer> producers = new HashSet<>();
        if (inPlace) {
            producers.addAll(given);
        }
        for (Node node : nodes) {
            int input = node.inputs().get(0);
            if (node.op() instanceof Op.Elementwise f
                    && Kernel.isGate(f)
                    && producers.contains(input)
                    && readers(input) == 1) {
                fused.put(input, node);
            }
            if (node.op() instanceof Op.Conv
                    || node.op() instanceof Op.Dense
                    || node.op() instanceof Op.Affine
                    || node.op() instanceof Op.Add) {
                producers.add(node.index());
            }
        }
    }

    NetworkGraph graph() {
        return graph;
    }

    ImmutableList<Node> nodes() {
        return nodes;
    }

    ImmutableSet<Integer> given() {
        return given;
    }

    /** How often a value is read, outputs included. */
    int readers(int value) {
        return readers.getOrDefault(value, 0);
    }

    /** The function that is applied in place to a value. */
    Optional<Op.Elementwise> fusedInto(int value) {
        return Optional.ofNullable(fused.get(value)).map(node -> (Op.Elementwise) node.op());
    }

    boolean isInPlace(Node node) {
        Node function = fused.get(node.inputs().get(0));
        return function != null && function.index() == node.index();
    }

    /** The value from which the slope of a function can be told. */
    int gate(Node function) {
        return isInPlace(function) ? function.index() : function.inputs().get(0);
    }

    /** Values that the way back reads. */
    ImmutableSet<Integer> neededBehind() {
        ImmutableSet.Builder<Integer> needed = ImmutableSet.builder();
        for (Node node : nodes) {
            if (node.op() instanceof Op.Elementwise) {
                needed.add(gate(node));
            } else if (node.op() instanceof Op.Mul || node.op() instanceof Op.Lrn) {
                needed.addAll(node.inputs());
            } else if (node.op() instanceof Op.Softmax) {
                needed.add(node.index());
            }
        }
        return needed.build();
    }
}
