package io.neurflow.core.graph;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.neurflow.api.Layer;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * A network graph and the cuts through it that are layers of a probe.
 *
 * @param graph the network
 * @param values for each layer the number of its value in the graph, ascending
 * @param layers the layers, from bottom to top; the last holds the logits
 */
public record GraphLayers(NetworkGraph graph, ImmutableList<Integer> values, ImmutableList<Layer> layers) {
    /** Checks that there is a value for every layer. */
    public GraphLayers {
        checkArgument(
                values.size() == layers.size() && !values.isEmpty(),
                "expected one value of the graph for each of %s layers, but there are %s",
                layers.size(),
                values.size());
    }

    /**
     * Makes layers of values. The logits (the graph's output, or what its final softmax reads) become the last layer,
     * whether they are named or not.
     *
     * @param graph the network
     * @param named names of layers and their values in the graph, in any order
     * @return the layers, from bottom to top
     * @throws IllegalArgumentException if two names stand for the same value, or if some way through the model goes around
     *     a layer, so that the next one cannot be computed from it
     */
    public static GraphLayers of(NetworkGraph graph, Map<String, Integer> named) {
        int logits = LayerNames.of(graph).logits().value();
        ImmutableMap.Builder<String, Integer> all = ImmutableMap.builder();
        all.putAll(named);
        if (!named.containsValue(logits)) {
            all.put(logitsName(graph.nodes().get(logits), named), logits);
        }
        List<Map.Entry<String, Integer>> sorted = all.buildOrThrow().entrySet().stream()
                .sorted(Comparator.comparingInt((Map.Entry<String, Integer> entry) -> entry.getValue()))
                .toList();
        ImmutableList.Builder<Integer> values = ImmutableList.builder();
        ImmutableList.Builder<Layer> layers = ImmutableList.builder();
        int below = NetworkGraph.INPUT;
        for (int i = 0; i < sorted.size(); i++) {
            String name = sorted.get(i).getKey();
            int value = sorted.get(i).getValue();
            checkArgument(value <= logits, "expected layers up to the logits, but '%s' is above them", name);
            checkArgument(
                    value != below,
                    "expected one name for each layer, but '%s' and '%s' are the same; leave one out",
                    i == 0 ? "input" : sorted.get(Math.max(0, i - 1)).getKey(),
                    name);
            graph.between(below, value);
            values.add(value);
            layers.add(new Layer(name, i, graph.nodes().get(value).op().kind(), graph.shape(value)));
            below = value;
        }
        return new GraphLayers(graph, values.build(), layers.build());
    }

    /**
     * The value of a layer in the graph.
     *
     * @param layer one of {@link #layers()}
     * @return its number
     * @throws IllegalArgumentException if the layer is not one of these
     */
    public int value(Layer layer) {
        checkArgument(
                layer.index() < layers.size() && layers.get(layer.index()).equals(layer),
                "expected a layer of this probe, but '%s' is not one; take layers from layers() or layer(name)",
                layer);
        return values.get(layer.index());
    }

    /**
     * The same network with batch normalisation worked into the convolutions before it, which saves a pass over their
     * values: weights are multiplied in double precision and rounded once, so that values change by rounding only. A
     * convolution that is a layer, or that anything else reads, keeps its normalisation. Layers stay what they are, but
     * their values have other numbers.
     *
     * @return a network with as many nodes or fewer
     */
    public GraphLayers withFoldedNormalisation() {
        return FoldedNormalisation.of(this);
    }

    private static String logitsName(Node node, Map<String, Integer> taken) {
        return node.module().isBlank() || taken.containsKey(node.module()) ? node.value() : node.module();
    }
}
