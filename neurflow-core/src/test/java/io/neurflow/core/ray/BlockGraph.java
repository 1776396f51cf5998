package io.neurflow.core.ray;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Shape;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Op.Elementwise;
import io.neurflow.core.graph.Op.Elementwise.Function;
import io.neurflow.core.graph.Op.Padding;
import io.neurflow.core.graph.Op.Window;
import io.neurflow.core.graph.SmallGraphs;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** One block between a layer "below" and a layer "above", with random weights and biases from a visible seed. */
final class BlockGraph {
    private static final Padding NONE = Padding.NONE;

    private final NetworkGraph.Builder builder;
    private final Random random;
    private int count;

    /** What a block makes of the value below. */
    interface Block {
        int write(BlockGraph graph, int below);
    }

    private BlockGraph(long seed, Shape below) {
        builder = NetworkGraph.builder("block", "digest of block", below);
        random = new Random(seed);
    }

    static GraphLayers of(long seed, Shape below, Block block) {
        return of(seed, below, false, block);
    }

    /** With a layer below that has features instead of maps. */
    static GraphLayers flat(long seed, int features, Block block) {
        return of(seed, Shape.units(features), true, block);
    }

    private static GraphLayers of(long seed, Shape shape, boolean flat, Block block) {
        BlockGraph graph = new BlockGraph(seed, shape);
        int below = graph.function(Function.TANH, 0, NetworkGraph.INPUT);
        if (flat) {
            below = graph.flatten(below);
        }
        int above = block.write(graph, below);
        return GraphLayers.of(graph.builder.build(above), Map.of("below", below, "above", above));
    }

    int add(Op op, int... inputs) {
        int number = count++;
        return builder.add(op.kind() + number, "value" + number, "module" + number, op, inputs);
    }

    int channels(int value) {
        return builder.dimensions(value).get(0);
    }

    static Window window(int size, int stride, int padding) {
        return new Window(size, size, stride, stride, 1, 1, new Padding(padding, padding, padding, padding), false);
    }

    int conv(int out, Window window, int x) {
        return conv(out, window, 1, true, x);
    }

    int conv(int out, Window window, int groups, boolean bias, int x) {
        int in = channels(x);
        int fan = in / groups * window.height() * window.width();
        return add(
                new Op.Conv(
                        window,
                        groups,
                        in,
                        out,
                        SmallGraphs.weights(random, out * fan, Math.sqrt(2.0 / fan)),
                        bias ? Optional.of(SmallGraphs.weights(random, out, 0.3)) : Optional.empty()),
                x);
    }

    int conv1(int out, int x) {
        return conv(out, window(1, 1, 0), x);
    }

    int conv3(int out, int x) {
        return conv(out, window(3, 1, 1), x);
    }

    int dense(int out, int x) {
        int in = channels(x);
        return add(
                new Op.Dense(
                        in,
                        out,
                        SmallGraphs.weights(random, in * out, Math.sqrt(2.0 / in)),
                        Optional.of(SmallGraphs.weights(random, out, 0.3))),
                x);
    }

    int flatten(int x) {
        int size = builder.dimensions(x).stream().reduce(1, Math::multiplyExact);
        return add(new Op.Reshape(ImmutableIntArray.of(size)), x);
    }

    int relu(int x) {
        return function(Function.RELU, 0, x);
    }

    int leaky(double slope, int x) {
        return function(Function.LEAKY_RELU, slope, x);
    }

    int function(Function function, double a, int x) {
        return add(new Elementwise(function, a, 0), x);
    }

    int maxPool(int size, int stride, int padding, boolean ceil, int x) {
        Padding around = padding == 0 ? NONE : new Padding(padding, padding, padding, padding);
        return add(new Op.MaxPool(new Window(size, size, stride, stride, 1, 1, around, ceil)), x);
    }

    int sum(int a, int b) {
        return add(new Op.Add(), a, b);
    }

    int concat(int... parts) {
        return add(new Op.Concat(), parts);
    }

    /** Convolutions of 1x1, middle x middle and 1x1 with gates of these slopes between them. */
    int bottleneck(int width, int middle, int stride, int out, double first, double second, int x) {
        int a = leaky(first, conv1(width, x));
        int b = leaky(second, conv(width, window(middle, stride, middle / 2), a));
        return conv1(out, b);
    }
}
