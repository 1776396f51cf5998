package io.neurflow.examples.bench;

import com.google.common.primitives.ImmutableDoubleArray;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Op;
import io.neurflow.core.graph.Weights;
import io.neurflow.core.samediff.SameDiffProbe;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * How fast convolutions are at their best on this machine at this moment: 3x3, {@value #CHANNELS} to {@value #CHANNELS}
 * channels, {@value #SIDE} x {@value #SIDE} positions, {@value #BATCH} inputs, {@value #LAYERS} one after the other so that
 * the way into the engine and back hardly counts; the fastest of {@value #REPEATS} runs.
 */
public final class ConvolutionPeak {
    /** Inputs at a time; the engine may cut them into smaller batches. */
    public static final int BATCH = 32;

    private static final int CHANNELS = 256;
    private static final int SIDE = 14;
    private static final int KERNEL = 3;
    private static final int LAYERS = 4;
    private static final int REPEATS = 5;
    private static final long SEED = 1;

    private ConvolutionPeak() {}

    /**
     * Measures it.
     *
     * @return 10<sup>9</sup> floating point operations a second, as {@link Flops} counts them
     */
    public static double gflopsPerSecond() {
        NetworkGraph graph = graph();
        Tensor inputs = inputs();
        try (ModelProbe probe = SameDiffProbe.open(graph, LayerPlan.of("output"))) {
            probe.forward(inputs, probe.logits());
            ImmutableDoubleArray seconds = Stopwatch.seconds(REPEATS, () -> probe.forward(inputs, probe.logits()));
            return (double) Flops.forward(graph)
                    * BATCH
                    / 1e9
                    / seconds.stream().min().orElseThrow();
        }
    }

    /**
     * What goes into the convolutions.
     *
     * @return {@value #BATCH} inputs, values between -1 and 1
     */
    public static Tensor inputs() {
        Shape shape = new Shape(CHANNELS, SIDE, SIDE);
        return Tensor.ofFloats(BATCH, shape, uniform(new SplittableRandom(SEED + 1), BATCH * shape.size(), 1));
    }

    /**
     * The convolutions.
     *
     * @return a graph from [256, 14, 14] to the same
     */
    public static NetworkGraph graph() {
        SplittableRandom random = new SplittableRandom(SEED);
        NetworkGraph.Builder builder =
                NetworkGraph.builder("convolutions", "seed " + SEED, new Shape(CHANNELS, SIDE, SIDE));
        int value = NetworkGraph.INPUT;
        for (int i = 0; i < LAYERS; i++) {
            // The output's spread is that of the input, so that values neither vanish nor overflow.
            int fanIn = CHANNELS * KERNEL * KERNEL;
            Weights weights = Weights.of(uniform(random, CHANNELS * fanIn, Math.sqrt(3.0 / fanIn)));
            Op.Window window = new Op.Window(KERNEL, KERNEL, 1, 1, 1, 1, new Op.Padding(1, 1, 1, 1), false);
            Op conv = new Op.Conv(window, 1, CHANNELS, CHANNELS, weights, Optional.empty());
            value = builder.add("conv " + i, i + 1 < LAYERS ? "value " + i : "output", "", conv, value);
        }
        return builder.build(value);
    }

    private static float[] uniform(SplittableRandom random, int count, double bound) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (bound * (2 * random.nextDouble() - 1));
        }
        return values;
    }
}
