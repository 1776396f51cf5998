package io.neurflow.cuda;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.Layer;
import io.neurflow.api.Neuron;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Tensor;
import io.neurflow.core.CircuitBuilder;
import io.neurflow.core.CoreConceptFinder;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.graph.Op;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Times on a driver: what matrices and memory can do, cuDNN's convolutions alone, the importance scores of pairs of layers,
 * and whole circuits, with random weights and synthetic patches. Each thing is done once before it is measured, circuits
 * apart.
 */
final class Benchmark {
    private static final long SEED = 20261123;
    private static final int CONCEPT = 50;
    private static final int STEPS = 50;
    private static final int CORE = 16;
    private static final int TARGETS = 16;

    private final Meter driver;
    private final PrintStream out;
    private final Map<String, Double> rival;

    private final double least;
    private double peak;
    private double operations;

    /**
     * On a driver that stays open.
     *
     * @param rival the rival's seconds a target, by model and pair of layers
     * @param least seconds that a measurement should last
     */
    Benchmark(Driver driver, Map<String, Double> rival, double least, PrintStream out) {
        this.least = least;
        this.driver = new Meter(driver);
        this.rival = Map.copyOf(rival);
        this.out = out;
    }

    private void line(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
    }

    /** Runs something once, and then again until that has taken long enough: seconds a round. */
    private double seconds(Runnable work) {
        work.run();
        driver.sync();
        driver.reset();
        long start = System.nanoTime();
        int rounds = 0;
        do {
            work.run();
            driver.sync();
            rounds++;
        } while (System.nanoTime() - start < 1e9 * least);
        double each = (System.nanoTime() - start) / 1e9 / rounds;
        operations = driver.operations() / rounds;
        return each;
    }

    /** What the card can do: a product of two large matrices, and an array added to another. */
    void limits(int side, int cells) {
        driver.use();
        try (DeviceMemory memory = new DeviceMemory(driver);
                DeviceMemory.Scope scope = memory.scope()) {
            Memory a = scope.take((long) side * side);
            Memory b = scope.take((long) side * side);
            Memory c = scope.take((long) side * side);
            driver.zero(a, (long) side * side);
            driver.zero(b, (long) side * side);
            double time = seconds(() -> driver.dense(side, side, side, a, b, c));
            peak = operations / time;
            line("%-34s %10.1f GFLOP/s", "matrix product, " + side, peak / 1e9);
        }
        try (DeviceMemory memory = new DeviceMemory(driver);
                DeviceMemory.Scope scope = memory.scope()) {
            Memory x = scope.take(cells);
            Memory y = scope.take(cells);
            driver.zero(x, cells);
            driver.zero(y, cells);
            double time = seconds(() -> driver.launch(Kernel.of(Kind.SUM), cells, y, x));
            line("%-34s %10.1f GB/s", "an array added to another", 12.0 * cells / time / 1e9);
        }
    }

    /** cuDNN's 3x3 convolutions as ResNet50's middle ones, alone. */
    void convolutions(int items) {
        driver.use();
        for (int stage = 3; stage >= 1; stage--) {
            int width = 64 << stage;
            int side = 56 >> stage;
            Op.Window window = new Op.Window(3, 3, 1, 1, 1, 1, new Op.Padding(1, 1, 1, 1), false);
            Convolution shape = new Convolution(width, side, side, width, side, side, window, 1);
            try (DeviceMemory memory = new DeviceMemory(driver);
                    DeviceMemory.Scope scope = memory.scope()) {
                int size = items * width * side * side;
                Memory x = scope.take(size);
                Memory y = scope.take(size);
                Memory w = scope.take(9L * width * width);
                driver.zero(x, size);
                driver.zero(y, size);
                driver.zero(w, 9L * width * width);
                String name = "3x3, " + width + " at " + side + "x" + side + ", batch " + items;
                double up = seconds(() -> driver.convolve(shape, items, x, w, y));
                row(name + ", forward", up);
                double down = seconds(() -> driver.convolveBack(shape, items, y, w, x));
                row(name + ", backward", down);
            }
        }
    }

    private void row(String name, double time) {
        line(
                "%-34s %10.1f GFLOP/s %5.1f %% of the peak %12.6f s",
                name, operations / time / 1e9, 100 * operations / time / peak, time);
    }

    /** Scores of pairs of neighbouring layers, 16 targets at once, k = 50, N = 50. */
    void pairs(GraphLayers layers, int patches) {
        try (CudaProbe probe = CudaProbe.on(layers, "benchmark", ImmutableList.of(driver))) {
            SyntheticPatches images = new SyntheticPatches(probe.inputShape(), patches);
            int[] all = IntStream.range(0, patches).toArray();
            Tensor inputs = images.inputs(ImmutableIntArray.copyOf(all));
            for (int i = probe.layers().size() - 1; i > 0; i--) {
                Layer from = probe.layers().get(i - 1);
                Layer to = probe.layers().get(i);
                Tensor x = probe.forward(inputs, from);
                Map<Neuron, ImmutableIntArray> targets = targets(to, patches);
                double time = seconds(() -> probe.importance(from, x, targets, Quadrature.riemannRight(STEPS)))
                        / targets.size();
                String name = to.name() + " <- " + from.name();
                Double other = rival.get(layers.graph().name() + " " + name);
                line(
                        "%-34s %10.6f s a target %10.1f GFLOP/s %5.1f %% of the peak%s",
                        name,
                        time,
                        operations / targets.size() / time / 1e9,
                        100 * operations / targets.size() / time / peak,
                        other == null
                                ? ""
                                : String.format(Locale.ROOT, ", PyTorch %.6f s, x %.1f", other, other / time));
            }
        }
    }

    private static Map<Neuron, ImmutableIntArray> targets(Layer layer, int patches) {
        Random random = new Random(SEED);
        Map<Neuron, ImmutableIntArray> targets = new LinkedHashMap<>();
        random.ints(0, layer.shape().channels())
                .distinct()
                .limit(Math.min(TARGETS, layer.shape().channels()))
                .forEach(channel -> {
                    List<Integer> rows = new ArrayList<>();
                    random.ints(0, patches)
                            .distinct()
                            .limit(Math.min(CONCEPT, patches))
                            .forEach(rows::add);
                    targets.put(layer.neuron(channel), ImmutableIntArray.copyOf(rows));
                });
        return targets;
    }

    /** A whole circuit, from the first class down to the lowest layer. */
    void circuit(GraphLayers layers, int patches) {
        try (CudaProbe probe = CudaProbe.on(layers, "benchmark", ImmutableList.of(driver))) {
            SyntheticPatches images = new SyntheticPatches(probe.inputShape(), patches);
            long start = System.nanoTime();
            for (int i = 0; i < patches; i++) {
                images.inputs(ImmutableIntArray.of(i));
            }
            double drawn = (System.nanoTime() - start) / 1e9;
            driver.reset();
            start = System.nanoTime();
            ConceptCircuit circuit = CircuitBuilder.using(CoreConceptFinder.over(probe)
                            .topPatches(Math.min(CONCEPT, patches))
                            .maxCoreNeurons(CORE)
                            .quadrature(Quadrature.riemannRight(STEPS))
                            .notRefining())
                    .downTo(probe.layers().get(0))
                    .build(probe.logits().neuron(0), images);
            double time = (System.nanoTime() - start) / 1e9;
            line(
                    "%-34s %10.3f s, of which drawing the patches once takes %.3f s, %.1f GFLOP/s, %d groups",
                    layers.graph().name() + ", circuit, " + patches + " patches",
                    time,
                    drawn,
                    driver.operations() / time / 1e9,
                    circuit.groups().size());
        }
    }
}
