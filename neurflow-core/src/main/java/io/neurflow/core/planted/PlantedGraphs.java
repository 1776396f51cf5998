package io.neurflow.core.planted;

import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableDoubleArray;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Op.Padding;
import io.neurflow.core.graph.Op.Window;
import io.neurflow.core.graph.Weights;
import io.neurflow.testkit.PlantedNet;
import io.neurflow.testkit.PlantedOp;
import io.neurflow.testkit.PlantedProbe;
import java.util.Optional;

/** Turns planted networks into network graphs, so that every engine can run them. */
public final class PlantedGraphs {
    private PlantedGraphs() {}

    /**
     * The same network with the same layers.
     *
     * @param net in plain numbers; its weights are exact in single precision
     * @return the graph and its layers
     */
    public static GraphLayers of(PlantedNet net) {
        try (PlantedProbe plain = new PlantedProbe(net)) {
            NetworkGraph.Builder builder =
                    NetworkGraph.builder(net.name(), plain.info().digest(), net.input());
            for (int i = 0; i < net.steps().size(); i++) {
                PlantedNet.Step step = net.steps().get(i);
                String layer = net.layers().get(i + 1);
                int[] inputs =
                        step.inputs().stream().mapToInt(value -> value - 1).toArray();
                builder.add("step" + i, "value" + i, layer == null ? "" : layer, op(step.op()), inputs);
            }
            ImmutableMap.Builder<String, Integer> layers = ImmutableMap.builder();
            net.layers().forEach((value, name) -> layers.put(name, value - 1));
            return GraphLayers.of(builder.build(net.steps().size() - 1), layers.buildOrThrow());
        }
    }

    private static Op op(PlantedOp op) {
        if (op instanceof PlantedOp.Convolution conv) {
            int half = conv.size() / 2;
            Window window =
                    new Window(conv.size(), conv.size(), 1, 1, 1, 1, new Padding(half, half, half, half), false);
            return new Op.Conv(
                    window, 1, conv.in(), conv.out(), weights(conv.weights()), Optional.of(weights(conv.bias())));
        } else if (op instanceof PlantedOp.Rectifier) {
            return new Op.Elementwise(Op.Elementwise.Function.RELU, 0, 0);
        } else if (op instanceof PlantedOp.Sum) {
            return new Op.Add();
        } else if (op instanceof PlantedOp.Concatenation) {
            return new Op.Concat();
        } else if (op instanceof PlantedOp.MaxPool pool) {
            return new Op.MaxPool(
                    new Window(pool.size(), pool.size(), pool.size(), pool.size(), 1, 1, Padding.NONE, false));
        }
        return new Op.GlobalAveragePool();
    }

    private static Weights weights(ImmutableDoubleArray values) {
        float[] single = new float[values.length()];
        for (int i = 0; i < single.length; i++) {
            single[i] = (float) values.get(i);
        }
        return Weights.of(single);
    }
}
