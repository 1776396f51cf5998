package io.neurflow.core.graph;

import com.google.common.collect.ImmutableList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Writes a graph anew with every batch normalisation that follows a convolution worked into its weights: scale (W x + b) +
 * shift = (scale W) x + (scale b + shift), multiplied in double and rounded once. A convolution that is a layer itself, or
 * that something else reads too, stays as it is.
 */
final class FoldedNormalisation {
    private final GraphLayers layers;
    private final NetworkGraph graph;
    private final int[] readers;
    private final Set<Integer> normalised = new HashSet<>();
    private final NetworkGraph.Builder builder;
    private final Map<Integer, Integer> written = new HashMap<>();
    /** Convolutions that wait for the affine operator that reads them, by their value in the old graph. */
    private final Map<Integer, Waiting> waiting = new HashMap<>();

    private record Waiting(Op.Conv conv, int input) {}

    private FoldedNormalisation(GraphLayers layers) {
        this.layers = layers;
        this.graph = layers.graph();
        this.readers = new int[graph.nodes().size()];
        for (Node node : graph.nodes()) {
            node.inputs().stream().filter(v -> v != NetworkGraph.INPUT).forEach(v -> readers[v]++);
        }
        graph.nodes().stream().filter(n -> n.op() instanceof Op.Affine).forEach(n -> normalised.addAll(n.inputs()));
        this.builder = NetworkGraph.builder(graph.name(), graph.digest(), graph.input());
    }

    static GraphLayers of(GraphLayers layers) {
        return new FoldedNormalisation(layers).write();
    }

    private GraphLayers write() {
        written.put(NetworkGraph.INPUT, NetworkGraph.INPUT);
        for (Node node : graph.nodes()) {
            write(node);
        }
        // Nothing is written that is not needed, so that building keeps the numbers.
        NetworkGraph folded = builder.build(at(written, graph.output().index()));
        ImmutableList<Integer> values =
                layers.values().stream().map(v -> at(written, v)).collect(ImmutableList.toImmutableList());
        return new GraphLayers(folded, values, layers.layers());
    }

    private void write(Node node) {
        List<Integer> in = node.inputs();
        Op op = node.op();
        Waiting below = in.size() == 1 ? waiting.get(in.get(0)) : null;
        if (below != null && op instanceof Op.Affine affine) {
            op = folded(below.conv, affine);
            in = List.of(below.input);
        } else {
            in = in.stream().map(v -> at(written, v)).toList();
        }
        if (op instanceof Op.Conv conv && isForOneAffineOnly(node)) {
            waiting.put(node.index(), new Waiting(conv, in.get(0)));
        } else {
            int value = builder.add(
                    node.name(),
                    node.value(),
                    node.module(),
                    op,
                    in.stream().mapToInt(v -> v).toArray());
            written.put(node.index(), value);
        }
    }

    private boolean isForOneAffineOnly(Node node) {
        return readers[node.index()] == 1
                && !layers.values().contains(node.index())
                && normalised.contains(node.index());
    }

    private static Op.Conv folded(Op.Conv conv, Op.Affine affine) {
        float[] weights = conv.weights().toFloats();
        float[] bias = new float[conv.outChannels()];
        int row = weights.length / bias.length;
        for (int o = 0; o < bias.length; o++) {
            int channel = affine.scale().length() == 1 ? 0 : o;
            double scale = affine.scale().get(channel);
            for (int i = o * row; i < (o + 1) * row; i++) {
                weights[i] = (float) (scale * weights[i]);
            }
            double before = conv.bias().isPresent() ? conv.bias().get().get(o) : 0;
            bias[o] = (float) (scale * before + affine.shift().get(channel));
        }
        return new Op.Conv(
                conv.window(),
                conv.groups(),
                conv.inChannels(),
                conv.outChannels(),
                Weights.of(weights),
                Optional.of(Weights.of(bias)));
    }

    private static <V> V at(Map<Integer, V> map, int value) {
        V found = map.get(value);
        if (found == null) {
            throw new IllegalStateException("value " + value + " is read before it is written");
        }
        return found;
    }
}
