package io.neurflow.examples.jmh;

import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.ChannelSlice;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.samediff.SameDiffProbe;
import io.neurflow.examples.bench.Flops;
import io.neurflow.examples.bench.PlainProbe;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Importance scores over one bottleneck of ResNet50's size: {@value #TARGETS} targets that share {@value #PATCHES} patches. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 5)
@Measurement(iterations = 5, time = 5)
@Fork(1)
public class ImportanceBenchmark {
    private static final int TARGETS = 16;
    private static final int PATCHES = 16;

    /** Which bottleneck. */
    @Param({"layer4", "layer3"})
    public String block = "layer4";

    /** N. */
    @Param({"50", "400"})
    public int steps = 50;

    private GraphLayers layers;
    private ModelProbe probe;
    private Tensor x;
    private ImmutableMap<Neuron, ImmutableIntArray> targets;
    private double gflopEach;

    /** Builds block, activations and targets. */
    @Setup(Level.Trial)
    public void open() {
        Bottleneck bottleneck = Bottleneck.of(block);
        layers = bottleneck.layers();
        probe = SameDiffProbe.open(layers);
        x = bottleneck.activations(PATCHES);
        Layer upper = probe.logits();
        ImmutableIntArray all = ImmutableIntArray.copyOf(IntStream.range(0, PATCHES));
        ImmutableMap.Builder<Neuron, ImmutableIntArray> spread = ImmutableMap.builder();
        for (int i = 0; i < TARGETS; i++) {
            spread.put(upper.neuron(i * upper.shape().channels() / TARGETS), all);
        }
        targets = spread.buildOrThrow();
        gflopEach = Flops.forwardAndBack(
                        ChannelSlice.of(layers.graph(), layers.values().get(0), layers.value(upper), 0))
                / 1e9
                * PATCHES
                * steps;
    }

    /** All targets in one call. */
    @Benchmark
    public ImmutableMap<Neuron, ImportanceScores> sweep(Work work) {
        work.gflop += gflopEach * TARGETS;
        work.items += TARGETS;
        return probe.importance(probe.layers().get(0), x, targets, Quadrature.gaussLegendre(steps));
    }

    /** One target in the plain way, for comparison. */
    @Benchmark
    public ImportanceScores plain(Work work) {
        work.gflop += gflopEach;
        work.items += 1;
        return new PlainProbe(probe)
                .importance(
                        probe.layers().get(0), x, targets.keySet().asList().get(0), Quadrature.gaussLegendre(steps));
    }

    /** Frees the engine. */
    @TearDown(Level.Trial)
    public void close() {
        probe.close();
    }
}
