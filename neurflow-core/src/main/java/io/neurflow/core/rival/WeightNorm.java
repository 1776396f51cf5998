package io.neurflow.core.rival;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.Layer;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.Node;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Weights;
import java.util.List;

/** The norm of the weights between a channel and a target. */
final class WeightNorm implements ChannelRanking {
    private final GraphLayers graph;

    WeightNorm(GraphLayers graph) {
        this.graph = graph;
    }

    @Override
    public String name() {
        return "L2 norm of weights";
    }

    @Override
    public boolean appliesTo(Layer source, Layer above) {
        return weighted(source, above).size() == 1
                && between(source, above).stream().allMatch(node -> keepsChannels(node.op()));
    }

    private ImmutableList<Node> between(Layer source, Layer above) {
        return graph.graph().between(value(source), value(above));
    }

    /** By name, since the probe may number its layers otherwise than the graph that it was opened with. */
    private int value(Layer layer) {
        for (Layer own : graph.layers()) {
            if (own.name().equals(layer.name()) && own.shape().equals(layer.shape())) {
                return graph.value(own);
            }
        }
        throw new IllegalArgumentException(
                "expected a layer of the network, which are " + graph.layers() + ", but it is " + layer);
    }

    private List<Node> weighted(Layer source, Layer above) {
        return between(source, above).stream()
                .filter(node -> node.op() instanceof Op.Conv || node.op() instanceof Op.Dense)
                .toList();
    }

    private static boolean keepsChannels(Op op) {
        return !(op instanceof Op.Add
                || op instanceof Op.Mul
                || op instanceof Op.Concat
                || op instanceof Op.SelectChannels);
    }

    @Override
    public double[] scores(Question question) {
        Layer above = question.target().layer();
        checkArgument(
                appliesTo(question.source(), above),
                "expected exactly one convolution or dense layer between %s and %s, but there is more to it; take two layers"
                        + " that are next to each other",
                question.source(),
                above);
        Op op = weighted(question.source(), above).get(0).op();
        int target = question.target().channel();
        double[] norms = new double[question.channels()];
        if (op instanceof Op.Conv conv) {
            int taps = conv.window().height() * conv.window().width();
            int perGroup = conv.inChannels() / conv.groups();
            int group = target / (conv.outChannels() / conv.groups());
            for (int i = 0; i < perGroup; i++) {
                norms[group * perGroup + i] = norm(conv.weights(), (target * perGroup + i) * taps, taps);
            }
        } else if (op instanceof Op.Dense dense) {
            int each = dense.in() / norms.length;
            for (int c = 0; c < norms.length; c++) {
                norms[c] = norm(dense.weights(), target * dense.in() + c * each, each);
            }
        }
        return norms;
    }

    private static double norm(Weights weights, int from, int count) {
        double sum = 0;
        for (int i = from; i < from + count; i++) {
            sum += weights.get(i) * weights.get(i);
        }
        return Math.sqrt(sum);
    }
}
