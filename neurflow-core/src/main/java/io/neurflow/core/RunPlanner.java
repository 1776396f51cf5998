package io.neurflow.core;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.PatchSet;
import io.neurflow.api.Precision;
import io.neurflow.api.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Counts what a circuit takes, and times a sample: one batch forward, and for each pair of layers one and four targets over
 * a few patches, which tells what a patch costs by itself from what each target adds.
 */
final class RunPlanner {
    private static final int SAMPLE_PATCHES = 4;
    private static final int SAMPLE_TARGETS = 4;

    private final CoreConceptFinder finder;
    private final ModelProbe probe;
    private final PatchSet patches;
    private final int count;
    private final long mapBudgetBytes;

    RunPlanner(CoreConceptFinder finder, PatchSet patches, long mapBudgetBytes) {
        this.finder = finder;
        this.probe = finder.probe();
        this.patches = patches;
        this.count = patches.patches().size();
        this.mapBudgetBytes = mapBudgetBytes;
    }

    RunPlan plan(ImmutableList<Layer> layers, ImmutableSet<Layer> kept) {
        int sample = Math.min(count, Math.max(1, probe.preferredBatch()));
        ImmutableIntArray batch = ImmutableIntArray.copyOf(IntStream.range(0, sample));
        double forwardSeconds = seconds(() -> probe.pooled(patches.inputs(batch), kept)) / sample;
        List<RunPlan.Step> steps = new ArrayList<>();
        long forwards = count;
        long backwards = 0;
        long scoreBytes = 0;
        long largest = 0;
        double backwardSeconds = 0;
        int targets = 1;
        for (int i = 0; i + 1 < layers.size(); i++) {
            Layer upper = layers.get(i);
            Layer lower = layers.get(i + 1);
            long rays = (long) targets * finder.topPatches();
            int union = (int) Math.min(count, rays);
            double seconds = importanceSeconds(upper, lower, union, rays);
            steps.add(new RunPlan.Step(upper, lower, targets, union, rays, duration(seconds)));
            long bytes = rays * (lower.shape().channels() + 1L) * Double.BYTES;
            // Scores are copied once when they become a result.
            largest = Math.max(largest, 2 * bytes + mapBytes(lower));
            scoreBytes += bytes;
            forwards += union;
            backwards += rays;
            backwardSeconds += seconds;
            targets = (int) Math.min(
                    (long) targets * finder.maxCoreNeurons(), lower.shape().channels());
        }
        long pooledBytes = (long) count
                * kept.stream().mapToLong(layer -> layer.shape().channels()).sum()
                * Double.BYTES;
        return new RunPlan(
                patches.images().size(),
                count,
                ImmutableList.copyOf(steps),
                forwards,
                backwards,
                pooledBytes + largest,
                pooledBytes + scoreBytes,
                duration(forwardSeconds * forwards),
                duration(backwardSeconds));
    }

    private long mapBytes(Layer layer) {
        long each = (long) layer.shape().size()
                * (probe.info().precision() == Precision.FLOAT32 ? Float.BYTES : Double.BYTES);
        return each * Math.max(1, Math.min(ImportanceSweep.PATCHES, mapBudgetBytes / each));
    }

    /** a for each patch and b for each ray, from a + b and a + 4b. */
    private double importanceSeconds(Layer upper, Layer lower, int union, long rays) {
        int few = Math.min(count, SAMPLE_PATCHES);
        ImmutableIntArray rows = ImmutableIntArray.copyOf(IntStream.range(0, few));
        Tensor maps = finder.forward(patches, lower, rows);
        int more = Math.min(SAMPLE_TARGETS, upper.shape().channels());
        double one = sample(maps, lower, targets(upper, 1, rows)) / few;
        double several = more == 1 ? one : sample(maps, lower, targets(upper, more, rows)) / few;
        double ray = more == 1 ? one : Math.max(0, several - one) / (more - 1);
        return Math.max(0, one - ray) * union + ray * rays;
    }

    private double sample(Tensor maps, Layer lower, Map<Neuron, ImmutableIntArray> targets) {
        return seconds(() -> probe.importance(lower, maps, targets, finder.quadrature()));
    }

    private static Map<Neuron, ImmutableIntArray> targets(Layer upper, int count, ImmutableIntArray rows) {
        Map<Neuron, ImmutableIntArray> targets = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            targets.put(upper.neuron(i * (upper.shape().channels() / count)), rows);
        }
        return targets;
    }

    /** The second of two, since the first one compiles. */
    private static double seconds(Runnable work) {
        work.run();
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e9;
    }

    private static Duration duration(double seconds) {
        return Duration.ofNanos(Math.round(seconds * 1e9));
    }
}
