package io.neurflow.core.hostile;

import static com.google.common.collect.Iterables.getLast;

import io.neurflow.api.Layer;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.LayerNames;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import io.neurflow.core.graph.Op;
import io.neurflow.core.reference.ReferenceProbe;
import io.neurflow.core.samediff.SameDiffProbe;
import java.util.Map;
import java.util.Random;

/** Runs a model that was accepted: what an importer lets through must not take an engine down. */
final class Engines {
    private Engines() {}

    /** Multiply-adds of a node, roughly. */
    static long cost(Node node) {
        long size = node.dimensions().stream().asLongStream().reduce(1, (a, b) -> a * b);
        if (node.op() instanceof Op.Conv conv) {
            return size * (conv.weights().length() / Math.max(1, conv.outChannels()) + 1);
        }
        if (node.op() instanceof Op.MaxPool pool) {
            return size * pool.window().height() * pool.window().width();
        }
        if (node.op() instanceof Op.AveragePool pool) {
            return size * pool.window().height() * pool.window().width();
        }
        return node.op() instanceof Op.Dense dense ? size * dense.in() : size;
    }

    static void run(NetworkGraph graph, boolean nativeToo) {
        GraphLayers layers = GraphLayers.of(graph, Map.of());
        Random random = new Random(1);
        float[] values = new float[graph.input().size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
        Tensor input = Tensor.ofFloats(1, graph.input(), values);
        try (ReferenceProbe slow = ReferenceProbe.open(layers)) {
            slow.forward(input, top(slow.layers()));
        }
        if (nativeToo) {
            try (SameDiffProbe fast = SameDiffProbe.open(layers)) {
                fast.forward(input, top(fast.layers()));
            }
        }
        LayerNames.of(graph).suggested(3);
    }

    private static Layer top(Iterable<Layer> layers) {
        return getLast(layers);
    }
}
