package io.neurflow.examples.bench;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.PatchSet;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.GraphLayers;
import java.util.stream.IntStream;

/**
 * Times the way from the inputs to the logits, {@value #BATCH} images at a time.
 *
 * @param layers the network and its layers
 * @param probe an engine on exactly these layers
 * @param inputs normalised pixels
 */
public record ForwardBench(GraphLayers layers, ModelProbe probe, Tensor inputs) {
    /** Images at a time; the engine may cut them into smaller batches. */
    public static final int BATCH = 32;

    /**
     * Takes the first patches, again from the start if there are too few.
     *
     * @param layers the network and its layers
     * @param probe an engine on exactly these layers
     * @param patches where inputs come from
     * @return ready to run
     */
    public static ForwardBench of(GraphLayers layers, ModelProbe probe, PatchSet patches) {
        int count = patches.patches().size();
        ImmutableIntArray first =
                ImmutableIntArray.copyOf(IntStream.range(0, BATCH).map(i -> i % count));
        return new ForwardBench(layers, probe, patches.inputs(first));
    }

    /**
     * The logits of {@link #inputs}.
     *
     * @return one row for each
     */
    public Tensor logits() {
        return probe.forward(inputs, probe.logits());
    }

    /**
     * Times it: one run that does not count, then the median of several.
     *
     * @param repeats runs that count
     * @param convolutionPeak of the same run, in 10<sup>9</sup> operations a second
     * @return the fields that {@code bench/README.md} explains
     */
    public JsonLine run(int repeats, double convolutionPeak) {
        Runnable work = this::logits;
        work.run();
        double imagesPerSecond = BATCH / Stopwatch.median(Stopwatch.seconds(repeats, work));
        double gflop = Flops.forward(layers.graph()) / 1e9;
        return new JsonLine()
                .put("kind", "forward")
                .put("model", probe.info().name())
                .put("engine", probe.info().engine())
                .put("processors", Runtime.getRuntime().availableProcessors())
                .put("batch", BATCH)
                .measured("images_per_second", imagesPerSecond)
                .measured("gflop_per_image", gflop)
                .measured("gflops_per_second", gflop * imagesPerSecond)
                .measured("convolution_peak_gflops_per_second", convolutionPeak)
                .measured("share_of_convolution_peak", gflop * imagesPerSecond / convolutionPeak)
                .peakMemory();
    }
}
