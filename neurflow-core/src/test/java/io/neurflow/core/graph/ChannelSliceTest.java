package io.neurflow.core.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.Op.Elementwise.Function;
import io.neurflow.core.reference.ReferenceProbe;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChannelSliceTest {
    private static final int DEEP = 100_000;
    private static final long SEED = 5;

    /** A slice's only channel is the network's, for every channel of every layer from every layer below. */
    @ParameterizedTest
    @ValueSource(strings = {"residual", "inception", "mobile"})
    void aSliceComputesItsChannel(String name) {
        GraphLayers layers =
                switch (name) {
                    case "residual" -> SmallGraphs.residual();
                    case "inception" -> SmallGraphs.inception();
                    default -> SmallGraphs.mobile();
                };
        try (ReferenceProbe whole = ReferenceProbe.open(layers)) {
            Random random = new Random(SEED);
            int below = NetworkGraph.INPUT;
            Tensor x = random(random, layers.graph().input());
            for (Layer layer : whole.layers()) {
                int from = below;
                int to = layers.value(layer);
                Tensor y = from == NetworkGraph.INPUT
                        ? whole.forward(x, layer)
                        : whole.forward(whole.layers().get(whole.layers().indexOf(layer) - 1), x, layer);
                double[] expected = y.toDoubles();
                int channels = layers.graph().shape(to).channels();
                for (int channel = 0; channel < channels; channel++) {
                    NetworkGraph slice = ChannelSlice.of(layers.graph(), from, to, channel);
                    try (ReferenceProbe probe = ReferenceProbe.open(top(slice))) {
                        int size = expected.length / channels;
                        double[] found = probe.forward(x, probe.logits()).toDoubles();
                        assertThat(found).hasSize(size);
                        for (int i = 0; i < size; i++) {
                            assertThat(found[i]).isCloseTo(expected[channel * size + i], within(1e-9));
                        }
                    }
                }
                below = to;
                x = y;
            }
        }
    }

    /** The output as a layer, even if it is a sigmoid, which is taken off logits. */
    private static GraphLayers top(NetworkGraph slice) {
        int output = slice.output().index();
        return new GraphLayers(
                slice, ImmutableList.of(output), ImmutableList.of(new Layer("top", 0, "top", slice.shape(output))));
    }

    private static Tensor random(Random random, Shape shape) {
        double[] values = IntStream.range(0, shape.size())
                .mapToDouble(i -> random.nextGaussian())
                .toArray();
        return Tensor.ofDoubles(1, shape, values);
    }

    @Test
    void aChainOfAHundredThousandOperatorsIsSliced() {
        NetworkGraph.Builder builder = NetworkGraph.builder("deep", "digest", new Shape(2, 1, 1));
        int value = NetworkGraph.INPUT;
        for (int i = 0; i < DEEP; i++) {
            Op op = i % 3 == 0 ? new Op.Add() : new Op.Elementwise(Function.RELU, 0, 0);
            value = i % 3 == 0
                    ? builder.add("n" + i, "v" + i, "", op, value, value)
                    : builder.add("n" + i, "v" + i, "", op, value);
        }
        NetworkGraph graph = builder.build(value);
        assertThat(ChannelSlice.of(graph, NetworkGraph.INPUT, value, 1).nodes()).hasSize(DEEP + 1);
    }

    /** What lies below a convolution is needed as a whole. */
    @Test
    void aConvolutionAboveAHundredThousandOperatorsIsSliced() {
        NetworkGraph.Builder builder = NetworkGraph.builder("deep", "digest", new Shape(2, 1, 1));
        int value = NetworkGraph.INPUT;
        for (int i = 0; i < DEEP; i++) {
            value = builder.add("n" + i, "v" + i, "", new Op.Elementwise(Function.RELU, 0, 0), value);
        }
        value = builder.add("flat", "flat", "", new Op.Reshape(ImmutableIntArray.of(2)), value);
        Weights weights = SmallGraphs.weights(new Random(SEED), 6, 1);
        value = builder.add("top", "top", "", new Op.Dense(2, 3, weights, Optional.empty()), value);
        NetworkGraph graph = builder.build(value);
        assertThat(ChannelSlice.of(graph, NetworkGraph.INPUT, value, 2).nodes()).hasSize(DEEP + 2);
    }
}
