package io.neurflow.examples.jmh;

import io.neurflow.api.ModelProbe;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.samediff.SameDiffProbe;
import io.neurflow.examples.bench.ConvolutionPeak;
import io.neurflow.examples.bench.Flops;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The convolutions of {@link ConvolutionPeak}: what the other figures are shares of. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(1)
public class ConvolutionBenchmark {
    private ModelProbe probe;
    private Tensor inputs;
    private double gflop;

    /** Builds the convolutions. */
    @Setup(Level.Trial)
    public void open() {
        NetworkGraph graph = ConvolutionPeak.graph();
        probe = SameDiffProbe.open(graph, LayerPlan.of("output"));
        inputs = ConvolutionPeak.inputs();
        gflop = Flops.forward(graph) / 1e9 * inputs.count();
    }

    /** All of them, one after the other. */
    @Benchmark
    public Tensor convolutions(Work work) {
        work.gflop += gflop;
        work.items += inputs.count();
        return probe.forward(inputs, probe.logits());
    }

    /** Frees the engine. */
    @TearDown(Level.Trial)
    public void close() {
        probe.close();
    }
}
