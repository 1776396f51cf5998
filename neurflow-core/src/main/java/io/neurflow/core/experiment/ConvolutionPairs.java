package io.neurflow.core.experiment;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import io.neurflow.core.graph.Op;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Pairs of layers with one convolution between them, which is what the L2 norm of weights can rank: a rectified value, and what the
 * next convolution and its rectifier make of it. Such pairs lie inside blocks, around which a model goes on other ways; so each is a
 * network of its own, which ends with the upper layer.
 */
public final class ConvolutionPairs {
    private ConvolutionPairs() {}

    /**
     * Chooses pairs.
     *
     * @param graph a network
     * @param count how many; all if there are no more
     * @param leastChannels how many channels the lower layer must have
     * @param mostValues how many values a feature map of the lower layer may have, for the sake of memory
     * @param seed of the choice
     * @return networks with two layers, in the order of the graph
     * @throws IllegalArgumentException if there is none
     */
    public static ImmutableList<GraphLayers> choose(
            NetworkGraph graph, int count, int leastChannels, int mostValues, long seed) {
        List<Node> fitting = new ArrayList<>();
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Op.Conv conv
                    && conv.groups() == 1
                    && rectified(graph, node).isPresent()) {
                int below = node.inputs().get(0);
                if (below != NetworkGraph.INPUT
                        && conv.inChannels() >= leastChannels
                        && graph.shape(below).size() <= mostValues) {
                    fitting.add(node);
                }
            }
        }
        checkArgument(
                !fitting.isEmpty(),
                "expected a convolution of %s channels or more with a rectifier in %s, but there is none",
                leastChannels,
                graph.name());
        Collections.shuffle(fitting, new Random(seed));
        return fitting.stream()
                .limit(count)
                .sorted((one, other) -> Integer.compare(one.index(), other.index()))
                .map(node -> truncated(graph, node))
                .collect(ImmutableList.toImmutableList());
    }

    /** The rectifier that alone reads a convolution, with nothing but an affine map between. */
    private static Optional<Node> rectified(NetworkGraph graph, Node convolution) {
        Node now = convolution;
        while (true) {
            int value = now.index();
            List<Node> readers = graph.nodes().stream()
                    .filter(node -> node.inputs().contains(value))
                    .toList();
            if (readers.size() != 1) {
                return Optional.empty();
            }
            now = readers.get(0);
            if (now.op().kind().equals("Relu")) {
                return Optional.of(now);
            }
            if (!(now.op() instanceof Op.Affine)) {
                return Optional.empty();
            }
        }
    }

    private static GraphLayers truncated(NetworkGraph graph, Node convolution) {
        Node above = rectified(graph, convolution).orElseThrow();
        NetworkGraph.Builder builder = NetworkGraph.builder(graph.name(), graph.digest(), graph.input());
        graph.nodes().stream()
                .limit(above.index() + 1L)
                .forEach(node -> builder.add(
                        node.name(),
                        node.value(),
                        node.module(),
                        node.op(),
                        node.inputs().stream().mapToInt(Integer::intValue).toArray()));
        NetworkGraph part = builder.build(above.index());
        Node own = part.nodes().stream()
                .filter(node -> node.value().equals(convolution.value()))
                .findFirst()
                .orElseThrow();
        return GraphLayers.of(
                part,
                ImmutableMap.of(
                        "below " + name(convolution),
                        own.inputs().get(0),
                        name(convolution),
                        part.output().index()));
    }

    private static String name(Node node) {
        return node.module().isBlank() ? node.value() : node.module();
    }
}
