package io.neurflow.cuda;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Shape;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Weights;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * ResNet50 and GoogLeNet as torchvision builds them, with random weights from a seed and batch normalisation folded: for
 * measuring times where no trained weights are at hand. Layers from the logits down: eleven, which are ten pairs.
 */
final class Architectures {
    private final NetworkGraph.Builder builder;
    private final Random random;
    private final Map<String, Integer> layers = new LinkedHashMap<>();
    private int last = NetworkGraph.INPUT;
    private int count;

    private Architectures(String name, long seed) {
        builder = NetworkGraph.builder(name, "random weights, seed " + seed, new Shape(3, 224, 224));
        random = new Random(seed);
    }

    static GraphLayers resNet50(long seed) {
        Architectures a = new Architectures("ResNet50", seed);
        a.conv(64, 7, 2, 3, 1).relu().pool(3, 2, 1, false);
        int[] blocks = {3, 4, 6, 3};
        for (int stage = 0; stage < 4; stage++) {
            for (int block = 0; block < blocks[stage]; block++) {
                a.bottleneck(64 << stage, stage > 0 && block == 0 ? 2 : 1, block == 0);
                boolean low = stage == 0 || (stage == 1 && block < 3);
                if (!low) {
                    a.layers.put("layer" + (stage + 1) + "." + block, a.last);
                }
            }
        }
        return a.top(2048);
    }

    static GraphLayers googLeNet(long seed) {
        Architectures a = new Architectures("GoogLeNet", seed);
        a.conv(64, 7, 2, 3, 1).relu().pool(3, 2, 0, true).conv(64, 1, 1, 0, 1).relu();
        a.conv(192, 3, 1, 1, 1).relu().pool(3, 2, 0, true).layer("maxpool2");
        a.inception("inception3a", 64, 96, 128, 16, 32, 32);
        a.inception("inception3b", 128, 128, 192, 32, 96, 64).pool(3, 2, 0, true);
        a.inception("inception4a", 192, 96, 208, 16, 48, 64);
        a.inception("inception4b", 160, 112, 224, 24, 64, 64);
        a.inception("inception4c", 128, 128, 256, 24, 64, 64);
        a.inception("inception4d", 112, 144, 288, 32, 64, 64);
        a.inception("inception4e", 256, 160, 320, 32, 128, 128).pool(2, 2, 0, true);
        a.inception("inception5a", 256, 160, 320, 32, 128, 128);
        a.inception("inception5b", 384, 192, 384, 48, 128, 128);
        return a.top(1024);
    }

    private GraphLayers top(int features) {
        then(new Op.GlobalAveragePool());
        then(new Op.Reshape(ImmutableIntArray.of(features)));
        then(new Op.Dense(
                features,
                1000,
                weights(1000 * features, 1 / Math.sqrt(features)),
                Optional.of(Weights.of(new float[1000]))));
        layer("fc");
        return GraphLayers.of(builder.build(last), layers);
    }

    private void bottleneck(int width, int stride, boolean project) {
        int in = last;
        conv(width, 1, 1, 0, 1).relu().conv(width, 3, stride, 1, 1).relu();
        // The sum should not grow from block to block.
        conv(4 * width, 1, 1, 0, 0.3);
        int main = last;
        last = in;
        if (project) {
            conv(4 * width, 1, stride, 0, 0.7);
        }
        then(new Op.Add(), main, last);
        relu();
    }

    private Architectures inception(String name, int one, int in3, int out3, int in5, int out5, int pooled) {
        int in = last;
        int a = conv(one, 1, 1, 0, 1).relu().last;
        last = in;
        int b = conv(in3, 1, 1, 0, 1).relu().conv(out3, 3, 1, 1, 1).relu().last;
        last = in;
        int c = conv(in5, 1, 1, 0, 1).relu().conv(out5, 3, 1, 1, 1).relu().last;
        last = in;
        int d = pool(3, 1, 1, true).conv(pooled, 1, 1, 0, 1).relu().last;
        return then(new Op.Concat(), a, b, c, d).layer(name);
    }

    private Architectures then(Op op, int... inputs) {
        int[] from = inputs.length == 0 ? new int[] {last} : inputs;
        last = builder.add(op.kind() + count, "value" + count, "", op, from);
        count++;
        return this;
    }

    private Architectures layer(String name) {
        layers.put(name, last);
        return this;
    }

    private Architectures relu() {
        return then(new Op.Elementwise(Op.Elementwise.Function.RELU, 0, 0));
    }

    private Architectures pool(int size, int stride, int padding, boolean ceil) {
        return then(new Op.MaxPool(window(size, stride, padding, ceil)));
    }

    private Architectures conv(int out, int size, int stride, int padding, double gain) {
        int in = builder.dimensions(last).get(0);
        double scale = gain * Math.sqrt(2.0 / (in * size * size));
        return then(new Op.Conv(
                window(size, stride, padding, false),
                1,
                in,
                out,
                weights(out * in * size * size, scale),
                Optional.of(weights(out, 0.01))));
    }

    private static Op.Window window(int size, int stride, int padding, boolean ceil) {
        return new Op.Window(
                size, size, stride, stride, 1, 1, new Op.Padding(padding, padding, padding, padding), ceil);
    }

    private Weights weights(int count, double scale) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (scale * random.nextGaussian());
        }
        return Weights.of(values);
    }
}
