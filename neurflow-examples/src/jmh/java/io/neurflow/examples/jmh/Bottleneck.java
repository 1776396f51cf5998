package io.neurflow.examples.jmh;

import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Weights;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * A residual block of ResNet50's size with random weights: ReLU(x + 1x1(ReLU(3x3(ReLU(1x1(x)))))). Biases are half as large as
 * what the weights make of x, so that about a third of the gates change along the ray, as in trained blocks.
 */
final class Bottleneck {
    private static final long SEED = 7;
    private static final double BIAS = 0.5;
    /** The spread of a uniform variable between -1 and 1. */
    private static final double UNIFORM = Math.sqrt(1 / 3.0);

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final int channels;
    private final int middle;
    private final int side;

    private Bottleneck(int channels, int middle, int side) {
        this.channels = channels;
        this.middle = middle;
        this.side = side;
    }

    /** That of a stage: {@code layer3} (1024 channels, 14x14) or {@code layer4} (2048 channels, 7x7). */
    static Bottleneck of(String stage) {
        return switch (stage) {
            case "layer3" -> new Bottleneck(1024, 256, 14);
            case "layer4" -> new Bottleneck(2048, 512, 7);
            default -> throw new IllegalArgumentException("expected layer3 or layer4, but got " + stage);
        };
    }

    /** The block between two layers, {@code lower} and {@code upper}. */
    GraphLayers layers() {
        NetworkGraph.Builder graph =
                NetworkGraph.builder("bottleneck", "seed " + SEED, new Shape(channels, side, side));
        int x = graph.add("lower", "lower", "", relu(), NetworkGraph.INPUT);
        int first = graph.add("relu1", "relu1", "", relu(), conv(graph, "conv1", x, channels, middle, 1));
        int second = graph.add("relu2", "relu2", "", relu(), conv(graph, "conv2", first, middle, middle, 3));
        int third = conv(graph, "conv3", second, middle, channels, 1);
        int sum = graph.add("add", "add", "", new Op.Add(), third, x);
        return LayerPlan.of("lower", "upper").layersOf(graph.build(graph.add("upper", "upper", "", relu(), sum)));
    }

    /** Activations of the lower layer: half of them 0, the others between 0 and 1. */
    Tensor activations(int count) {
        float[] values = new float[count * channels * side * side];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.max(0, 2 * random.nextDouble() - 1);
        }
        return Tensor.ofFloats(count, new Shape(channels, side, side), values);
    }

    private int conv(NetworkGraph.Builder graph, String name, int from, int in, int out, int kernel) {
        int fanIn = in * kernel * kernel;
        Op.Window window = new Op.Window(
                kernel, kernel, 1, 1, 1, 1, new Op.Padding(kernel / 2, kernel / 2, kernel / 2, kernel / 2), false);
        // Of a rectified variable the mean square is half of what it was; the factor 6 = 3 * 2 makes up for it.
        Weights weights = uniform(out * fanIn, Math.sqrt(6.0 / fanIn));
        return graph.add(
                name,
                name,
                "",
                new Op.Conv(window, 1, in, out, weights, Optional.of(uniform(out, BIAS * UNIFORM))),
                from);
    }

    private Weights uniform(int count, double bound) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (bound * (2 * random.nextDouble() - 1));
        }
        return Weights.of(values);
    }

    private static Op relu() {
        return new Op.Elementwise(Op.Elementwise.Function.RELU, 0, 0);
    }
}
