package io.neurflow.cuda;

import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Shape;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Op.Elementwise;
import io.neurflow.core.graph.Op.Elementwise.Function;
import io.neurflow.core.graph.Op.Padding;
import io.neurflow.core.graph.Op.Window;
import io.neurflow.core.graph.Weights;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Small networks with random weights from visible seeds, which between them use every operator. */
final class SmallNets {
    private final NetworkGraph.Builder builder;
    private final Random random;
    private final Map<String, Integer> layers = new LinkedHashMap<>();
    private int last = NetworkGraph.INPUT;
    private int count;

    private SmallNets(String name, long seed, Shape input) {
        builder = NetworkGraph.builder(name, "digest of " + name, input);
        random = new Random(seed);
    }

    /** Convolutions of all sorts, ReLU, a residual block, maximum pooling, a dense top. */
    public static GraphLayers residual() {
        SmallNets g = new SmallNets("residual", 1, new Shape(3, 13, 12));
        g.conv(6, 3, 2, 1, 1).function(Function.RELU, 0, 0);
        g.then(new Op.MaxPool(new Window(3, 3, 2, 2, 1, 1, new Padding(1, 1, 1, 1), false)))
                .layer("stem");
        int shortcut = g.last;
        g.conv(4, 1, 1, 0, 1).function(Function.RELU, 0, 0).conv(4, 3, 1, 1, 1).function(Function.RELU, 0, 0);
        g.conv(6, 1, 1, 0, 1)
                .then(new Op.Add(), g.last, shortcut)
                .function(Function.RELU, 0, 0)
                .layer("block1");
        int lower = g.last;
        g.conv(8, 3, 2, 1, 2).affine(8).function(Function.RELU, 0, 0).conv(8, 1, 1, 0, 1);
        int main = g.last;
        g.last = lower;
        g.conv(8, 1, 2, 0, 1)
                .then(new Op.Add(), main, g.last)
                .function(Function.RELU, 0, 0)
                .layer("block2");
        return g.then(new Op.GlobalAveragePool()).flatten().dense(5).layer("fc").build();
    }

    /** Branches that are concatenated, LRN, ceiling and padding of pools, permuted channels, a final softmax. */
    public static GraphLayers inception() {
        SmallNets g = new SmallNets("inception", 2, new Shape(3, 14, 15));
        g.then(new Op.SelectChannels(ImmutableIntArray.of(2, 0, 1)));
        g.conv(7, 3, 1, 0, 1).function(Function.RELU, 0, 0).then(new Op.Lrn(5, 0.5, 0.75, 1.5));
        g.then(new Op.MaxPool(new Window(3, 3, 2, 2, 1, 1, Padding.NONE, true))).layer("stem");
        int in = g.last;
        int a = g.conv(3, 1, 1, 0, 1).function(Function.RELU, 0, 0).last;
        g.last = in;
        int b = g.conv(4, 1, 1, 0, 1)
                .function(Function.RELU, 0, 0)
                .conv(5, 3, 1, 1, 1)
                .function(Function.RELU, 0, 0)
                .last;
        g.last = in;
        g.then(new Op.MaxPool(new Window(3, 3, 1, 1, 1, 1, new Padding(1, 1, 1, 1), false)));
        int c = g.conv(2, 1, 1, 0, 1).function(Function.RELU, 0, 0).last;
        g.then(new Op.Concat(), a, b, c).layer("mixed1");
        g.then(new Op.AveragePool(new Window(3, 2, 2, 2, 1, 1, new Padding(1, 0, 1, 1), true), true));
        g.then(new Op.AveragePool(new Window(2, 2, 2, 2, 1, 1, new Padding(1, 1, 0, 0), true), false));
        g.conv(6, 2, 1, 0, 1).function(Function.LEAKY_RELU, 0.1, 0).layer("mixed2");
        return g.flatten().dense(4).layer("fc").then(new Op.Softmax()).build();
    }

    /** Depthwise convolutions, squeeze and excitation, smooth functions, reshaped and padded values, a logit map. */
    public static GraphLayers mobile() {
        SmallNets g = new SmallNets("mobile", 3, new Shape(4, 9, 10));
        g.then(new Op.Pad(new Padding(0, 1, 2, 0), 0.3));
        g.conv(8, 3, 2, 1, 4).function(Function.HARD_SWISH, 0, 0).layer("stem");
        int in = g.conv(8, 3, 1, 1, 8).affine(1).function(Function.SILU, 0, 0).last;
        g.then(new Op.GlobalAveragePool()).conv(3, 1, 1, 0, 1).function(Function.RELU, 0, 0);
        g.conv(8, 1, 1, 0, 1).function(Function.HARD_SIGMOID, 1.0 / 6, 0.5);
        g.then(new Op.Mul(), in, g.last).layer("gated");
        g.then(new Op.Reshape(ImmutableIntArray.of(2, 4, 6, 6)))
                .then(new Op.SelectChannels(ImmutableIntArray.of(1, 0)));
        g.then(new Op.Reshape(ImmutableIntArray.of(8, 9, 4))).conv(6, 1, 1, 0, 1);
        g.function(Function.CLIP, -0.5, 0.6)
                .layer("clipped")
                .conv(6, 1, 1, 0, 1)
                .function(Function.GELU, 0, 0);
        g.layer("gelu").conv(5, 1, 1, 0, 1).function(Function.ELU, 0.8, 0).function(Function.TANH, 0, 0);
        g.then(new Op.SelectChannels(ImmutableIntArray.of(4, 0, 0, 2)))
                .function(Function.SIGMOID, 0, 0)
                .layer("picked");
        return g.conv(3, 1, 1, 0, 1).then(new Op.GlobalMaxPool()).layer("top").build();
    }

    private SmallNets then(Op op, int... inputs) {
        int[] from = inputs.length == 0 ? new int[] {last} : inputs;
        last = builder.add(op.kind() + count, "value" + count, "module" + count, op, from);
        count++;
        return this;
    }

    private SmallNets conv(int out, int size, int stride, int padding, int groups) {
        int in = builder.dimensions(last).get(0);
        Window window =
                new Window(size, size, stride, stride, 1, 1, new Padding(padding, padding, padding, padding), false);
        return then(new Op.Conv(
                window,
                groups,
                in,
                out,
                weights(random, out * (in / groups) * size * size, Math.sqrt(2.0 * groups / (in * size * size))),
                Optional.of(weights(random, out, 0.3))));
    }

    private SmallNets affine(int length) {
        return then(new Op.Affine(weights(random, length, 1), weights(random, length, 0.5)));
    }

    private SmallNets function(Function function, double a, double b) {
        return then(new Elementwise(function, a, b));
    }

    private SmallNets flatten() {
        return then(new Op.Reshape(
                ImmutableIntArray.of(builder.dimensions(last).stream().reduce(1, Math::multiplyExact))));
    }

    private SmallNets dense(int out) {
        int in = builder.dimensions(last).get(0);
        return then(new Op.Dense(
                in, out, weights(random, in * out, 1 / Math.sqrt(in)), Optional.of(weights(random, out, 0.3))));
    }

    private SmallNets layer(String name) {
        layers.put(name, last);
        return this;
    }

    private GraphLayers build() {
        return GraphLayers.of(builder.build(last), ImmutableMap.copyOf(layers));
    }

    /** Normally distributed weights. */
    public static Weights weights(Random random, int count, double scale) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (scale * random.nextGaussian());
        }
        return Weights.of(values);
    }
}
