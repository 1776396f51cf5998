package io.neurflow.core.graph;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.Shape;
import io.neurflow.core.graph.Op.Elementwise;
import io.neurflow.core.graph.Op.Elementwise.Function;
import io.neurflow.core.graph.Op.Padding;
import io.neurflow.core.graph.Op.Window;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayerPlanTest {
    private static final long SEED = 17;

    /** Adds nodes to a graph one after the other. */
    private static final class Chain {
        private final NetworkGraph.Builder builder = NetworkGraph.builder("chain", "0", new Shape(3, 8, 8));
        private final Random random = new Random(SEED);
        private int last = NetworkGraph.INPUT;

        Chain then(String name, Op op) {
            last = builder.add(name, name, "", op, last);
            return this;
        }

        Chain conv(String name, int out) {
            int in = builder.dimensions(last).get(0);
            Window window = new Window(3, 3, 1, 1, 1, 1, new Padding(1, 1, 1, 1), false);
            return then(name, new Op.Conv(window, 1, in, out, weights(in * out * 9), Optional.empty()))
                    .then(name + "_relu", new Elementwise(Function.RELU, 0, 0));
        }

        Chain pool(String name) {
            return then(name, new Op.MaxPool(new Window(2, 2, 2, 2, 1, 1, Padding.NONE, false)));
        }

        Chain dense(String name, int out) {
            int in = builder.dimensions(last).get(0);
            return then(name, new Op.Dense(in, out, weights(in * out), Optional.empty()));
        }

        Chain reshape(String name, int... dimensions) {
            return then(name, new Op.Reshape(ImmutableIntArray.copyOf(dimensions)));
        }

        Chain add(String name, int with) {
            last = builder.add(name, name, "", new Op.Add(), last, with);
            return this;
        }

        private Weights weights(int count) {
            return SmallGraphs.weights(random, count, 0.3);
        }

        NetworkGraph graph() {
            return builder.build(last);
        }
    }

    private static Chain plain() {
        return new Chain()
                .conv("c1", 4)
                .pool("p1")
                .conv("c2", 5)
                .conv("c3", 6)
                .pool("p2")
                .then("mean", new Op.GlobalAveragePool());
    }

    private static Chain flat() {
        return plain().reshape("flat", 6).dense("fc", 4);
    }

    /** [classes, 1, 1], as a fully convolutional head leaves it. */
    private static Chain map() {
        return plain().then(
                        "head",
                        new Op.Conv(
                                new Window(1, 1, 1, 1, 1, 1, Padding.NONE, false),
                                1,
                                6,
                                4,
                                SmallGraphs.weights(new Random(SEED), 24, 0.3),
                                Optional.empty()));
    }

    private static List<String> names(NetworkGraph graph, LayerPlan plan) {
        return plan.layersOf(graph).layers().stream().map(Layer::name).toList();
    }

    @Test
    void aPlainNetworkGoesOnWithTheConvolutionBelow() {
        NetworkGraph graph = flat().graph();
        LayerPlan plan = LayerPlan.suggested(2);
        assertThat(names(graph, plan)).containsExactly("c2_relu", "c3_relu", "fc");
        assertThat(names(graph, plan.withBlockBelow())).containsExactly("c1_relu", "c2_relu", "c3_relu", "fc");
        assertThat(names(graph, plan.withBlockBelow())).isEqualTo(names(graph, LayerPlan.suggested(3)));
        assertThat(names(graph, LayerPlan.of("p2").withBlockBelow())).containsExactly("c3_relu", "p2", "fc");
    }

    @Test
    void belowTheLowestConvolutionThereIsNothing() {
        NetworkGraph graph = flat().graph();
        assertThat(names(graph, LayerPlan.suggested(3).withBlockBelow()))
                .isEqualTo(names(graph, LayerPlan.suggested(3)));
    }

    @Test
    void aBlockBelowIsPreferredToTheConvolutionsInBetween() {
        Chain chain = new Chain().conv("c1", 4).conv("c2", 4);
        int shortcut = chain.last;
        NetworkGraph graph = chain.conv("inside", 4)
                .add("block", shortcut)
                .then("block_relu", new Elementwise(Function.RELU, 0, 0))
                .conv("c3", 5)
                .conv("c4", 5)
                .then("mean", new Op.GlobalAveragePool())
                .reshape("flat", 5)
                .dense("fc", 3)
                .graph();
        assertThat(names(graph, LayerPlan.of("c4_relu").withBlockBelow()))
                .containsExactly("block_relu", "c4_relu", "fc");
        assertThat(names(graph, LayerPlan.of("block_relu").withBlockBelow()))
                .containsExactly("c2_relu", "block_relu", "fc");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "flat",
                "flat, softmax",
                "flat, softmax, reshape",
                "flat, softmax, map",
                "map",
                "map, flatten, softmax",
                "map, flatten, softmax, reshape",
                "map, flatten, softmax, map",
            })
    void theLogitsAreWhatTheSoftmaxReadsWhateverIsReshapedAround(String ending) {
        List<String> steps = Splitter.on(", ").splitToList(ending);
        Chain chain = steps.get(0).equals("flat") ? flat() : map();
        int top = chain.last;
        int count = 0;
        for (String step : steps.subList(1, steps.size())) {
            String name = "end" + count++;
            switch (step) {
                case "softmax" -> chain.then(name, new Op.Softmax());
                case "reshape", "flatten" -> chain.reshape(name, 4);
                default -> chain.reshape(name, 4, 1, 1);
            }
        }
        NetworkGraph graph = chain.graph();
        // A flattening in front of the softmax may be counted in: the values are the same.
        int logits = ending.startsWith("map, flatten") ? top + 1 : top;
        assertThat(LayerNames.of(graph).logits().value()).isEqualTo(logits);
        for (GraphLayers layers : List.of(
                LayerPlan.suggested(1).layersOf(graph),
                LayerPlan.of("c3_relu").layersOf(graph),
                LayerPlan.of(graph.nodes().get(logits).value()).layersOf(graph),
                GraphLayers.of(graph, ImmutableMap.of()))) {
            int last = layers.layers().size() - 1;
            assertThat(layers.values().get(last)).isEqualTo(logits);
            assertThat(layers.layers().get(last).shape()).isEqualTo(Shape.units(4));
        }
    }
}
