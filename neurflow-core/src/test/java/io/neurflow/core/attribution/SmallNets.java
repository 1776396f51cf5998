package io.neurflow.core.attribution;

import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.SmallGraphs;
import io.neurflow.core.graph.Weights;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;

/** Networks with and without biases on which attributions can be worked out another way. */
final class SmallNets {
    private final NetworkGraph.Builder builder = NetworkGraph.builder("net", "00", new Shape(2, 6, 6));
    private final Random random;
    private final boolean biased;
    private int count;

    SmallNets(long seed, boolean biased) {
        this.random = new Random(seed);
        this.biased = biased;
    }

    int add(Op op, int... in) {
        return builder.add("node" + count, "value" + count, "module" + count++, op, in);
    }

    int conv(int out, int size, int stride, int from) {
        int in = builder.dimensions(from).get(0);
        int pad = size / 2;
        return add(
                new Op.Conv(
                        new Op.Window(size, size, stride, stride, 1, 1, new Op.Padding(pad, pad, pad, pad), false),
                        1,
                        in,
                        out,
                        SmallGraphs.weights(random, out * in * size * size, 0.5),
                        bias(out)),
                from);
    }

    private Optional<Weights> bias(int out) {
        return biased ? Optional.of(SmallGraphs.weights(random, out, 0.3)) : Optional.empty();
    }

    int relu(int from) {
        return add(new Op.Elementwise(Op.Elementwise.Function.RELU, 0, 0), from);
    }

    int scale(int from) {
        int channels = builder.dimensions(from).get(0);
        return add(
                new Op.Affine(
                        SmallGraphs.weights(random, channels, 1),
                        biased ? SmallGraphs.weights(random, channels, 0.3) : Weights.of(new float[channels])),
                from);
    }

    int dense(int out, int from) {
        int in = builder.dimensions(from).stream().reduce(1, (a, b) -> a * b);
        int flat = add(new Op.Reshape(ImmutableIntArray.of(in)), from);
        return add(new Op.Dense(in, out, SmallGraphs.weights(random, in * out, 0.3), bias(out)), flat);
    }

    GraphLayers layers(int low, int output) {
        return GraphLayers.of(builder.build(output), ImmutableMap.of("low", low, "top", output));
    }

    /** A residual block with batch normalisation, branches that are concatenated, pools of both kinds, a dense layer. */
    static GraphLayers all(long seed, boolean biased) {
        SmallNets g = new SmallNets(seed, biased);
        int low = g.relu(g.conv(4, 3, 1, NetworkGraph.INPUT));
        int main = g.scale(g.conv(4, 3, 1, g.relu(g.scale(g.conv(3, 1, 1, low)))));
        int block = g.relu(g.add(new Op.Add(), main, low));
        Op.Window three = new Op.Window(3, 3, 1, 1, 1, 1, new Op.Padding(1, 1, 1, 1), false);
        int pooled = g.relu(g.conv(2, 1, 1, g.add(new Op.MaxPool(three), block)));
        int mean = g.relu(g.conv(3, 1, 1, g.add(new Op.AveragePool(three, true), block)));
        int joined = g.add(new Op.Concat(), pooled, mean, g.relu(g.conv(2, 3, 1, block)));
        int normalised = g.relu(g.scale(joined));
        int small = g.add(new Op.SelectChannels(ImmutableIntArray.of(5, 0, 1, 2, 3, 6)), normalised);
        int strided = g.relu(g.conv(5, 3, 2, small));
        return g.layers(low, g.dense(3, strided));
    }

    /** low -> convolution 1x1 -> ReLU -> global mean -> dense. */
    static GraphLayers plain(long seed, boolean biased) {
        SmallNets g = new SmallNets(seed, biased);
        int low = g.relu(g.conv(3, 3, 3, NetworkGraph.INPUT));
        int hidden = g.relu(g.conv(5, 1, 1, low));
        return g.layers(low, g.dense(2, g.add(new Op.GlobalAveragePool(), hidden)));
    }

    static Tensor maps(GraphLayers layers, int count, long seed) {
        Shape shape = layers.layers().get(0).shape();
        double[] values = new Random(seed).doubles((long) count * shape.size()).toArray();
        return Tensor.ofDoubles(
                count, shape, Arrays.stream(values).map(v -> v < 0.3 ? 0 : v).toArray());
    }
}
