package io.neurflow.examples.bench;

import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import io.neurflow.core.graph.Op;

/**
 * Counts floating point operations: two (a multiplication and an addition) for each weight of a convolution or dense operator
 * and each place where it is used, padding included. Everything else (normalisation, activations, pooling, additions) counts
 * as nothing, as it does in most published figures.
 */
public final class Flops {
    private Flops() {}

    /**
     * Operations of a forward pass.
     *
     * @param graph the network, or a part of it
     * @return for one input
     */
    public static long forward(NetworkGraph graph) {
        long sum = 0;
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Op.Conv conv) {
                long positions =
                        (long) node.dimensions().get(1) * node.dimensions().get(2);
                sum += 2 * positions * conv.weights().length();
            } else if (node.op() instanceof Op.Dense dense) {
                sum += 2L * dense.weights().length();
            }
        }
        return sum;
    }

    /**
     * Operations of a forward pass and of the gradient with respect to the input, which are as many again: what the plain way
     * spends at one point of one ray.
     *
     * @param slice the part of a network that a neuron depends on
     * @return for one point
     */
    public static long forwardAndBack(NetworkGraph slice) {
        return 2 * forward(slice);
    }
}
