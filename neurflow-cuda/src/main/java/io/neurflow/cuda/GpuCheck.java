package io.neurflow.cuda;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.Layer;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Neuron;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.GraphLayers;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What {@code gpu-check} runs on a machine with a GPU: golden numbers in single precision and in TF32, how far the two are
 * apart, then times. Prints a table. Ends with 0 if all is well, 1 if a check failed, 2 if something is missing, 3 without a
 * GPU.
 */
public final class GpuCheck {
    private static final int FAILED = 1;
    private static final int MISSING = 2;
    private static final int NO_GPU = 3;
    /** The reference itself is 1.0e-4 off at one patch of the tiny case. */
    private static final double SINGLE = 2e-4;

    private static final double TF32 = 1e-2;
    private static final long SEED = 20261123;
    private static final int CORE = 16;

    private final PrintStream out;
    private final Map<String, String> options;
    private boolean failed;

    GpuCheck(Map<String, String> options, PrintStream out) {
        this.options = ImmutableMap.copyOf(options);
        this.out = out;
    }

    /**
     * Runs the checks.
     *
     * @param args {@code --golden FOLDER}, {@code --data FOLDER}, {@code --rival FILE} with the rival's times, {@code --patches
     *     N} of a circuit, {@code --seconds S} that a measurement should last; all may be left out
     */
    public static void main(String[] args) {
        System.exit(run(System.out, Engines.here(), args));
    }

    static int run(PrintStream out, Engines engines, String... args) {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i + 1 < args.length; i += 2) {
            options.put(args[i], args[i + 1]);
        }
        if (engines.gpus().isEmpty()) {
            out.println("no NVIDIA GPU on this machine: nothing was checked");
            return NO_GPU;
        }
        try {
            out.println(engines.choose(Engine.CUDA_PROBE));
            GpuCheck check = new GpuCheck(options, out);
            check.golden();
            check.apart();
            check.times();
            return check.failed ? FAILED : 0;
        } catch (NeurflowException e) {
            out.println("stopped: " + e.getMessage());
            return MISSING;
        }
    }

    private void line(boolean holds, String text) {
        failed |= !holds;
        out.println((holds ? "ok      " : "FAILED  ") + text);
    }

    private void golden() {
        String tiny = options.get("--golden");
        if (tiny == null) {
            out.println("skipped golden numbers: --golden names no folder");
        } else {
            golden("tiny model", Path.of(tiny), Path.of(tiny, "model.onnx"));
        }
        String data = options.get("--data");
        if (data == null || data.isBlank()) {
            out.println("skipped golden numbers of real models: NEURFLOW_DATA is not set");
            return;
        }
        Path folder = Path.of(data).toAbsolutePath();
        golden("ResNet50", folder.resolveSibling("golden/resnet50-bee"), folder.resolve("models/resnet50.onnx.gz"));
        golden(
                "GoogLeNet",
                folder.resolveSibling("golden/googlenet-bvlc-bee"),
                folder.resolve("models/googlenet.onnx"));
    }

    private void golden(String name, Path folder, Path model) {
        for (CudaSettings settings : List.of(CudaSettings.standard().fullSinglePrecision(), CudaSettings.standard())) {
            GoldenCheck.Differences off = GoldenCheck.of(folder, model, layers -> CudaProbe.open(layers, settings));
            double most = Math.max(off.logits(), Math.max(off.pooled(), off.scores()));
            line(most <= (settings.isTf32() ? TF32 : SINGLE), name + " in " + settings + ": " + off);
        }
    }

    /** How far TF32 is from single precision on ResNet50's architecture, and how many of the 16 core neurons agree. */
    private void apart() {
        GraphLayers layers = Architectures.resNet50(SEED);
        try (CudaProbe single = CudaProbe.open(layers, CudaSettings.standard().fullSinglePrecision());
                CudaProbe fast = CudaProbe.open(layers, CudaSettings.standard())) {
            int n = 16;
            ImmutableIntArray all = ImmutableIntArray.copyOf(IntStream.range(0, n));
            Tensor inputs = new SyntheticPatches(single.inputShape(), n).inputs(all);
            for (int i = single.layers().size() - 1; i > 0; i -= 3) {
                Layer from = single.layers().get(i - 1);
                Neuron target = single.layers().get(i).neuron(7);
                Tensor x = single.forward(inputs, from);
                Quadrature rule = Quadrature.riemannRight(50);
                double[] expected = single.importance(from, x, target, rule).sums();
                double[] actual = fast.importance(from, x, target, rule).sums();
                Set<Integer> both = new HashSet<>(core(expected));
                both.retainAll(core(actual));
                out.println(String.format(
                        Locale.ROOT,
                        "        TF32 against FP32, %s <- %s: scores off by %.1e of the largest, %d of %d core neurons agree",
                        target,
                        from.name(),
                        apart(expected, actual),
                        both.size(),
                        CORE));
                ImportanceScores again = fast.importance(from, x, target, rule);
                line(Arrays.equals(actual, again.sums()), "the same call gives the same bits, " + target);
            }
        }
    }

    private static double apart(double[] expected, double[] actual) {
        double largest = Double.MIN_NORMAL;
        double off = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            off = Math.max(off, Math.abs(expected[i] - actual[i]));
        }
        return off / largest;
    }

    private static List<Integer> core(double[] scores) {
        return IntStream.range(0, scores.length)
                .boxed()
                .sorted((a, b) -> Double.compare(Math.abs(scores[b]), Math.abs(scores[a])))
                .limit(CORE)
                .toList();
    }

    private void times() {
        int patches = Integer.parseInt(options.getOrDefault("--patches", "2950"));
        double least = Double.parseDouble(options.getOrDefault("--seconds", "2"));
        Map<String, Double> rival = rival(options.get("--rival"));
        for (CudaSettings settings :
                List.of(CudaSettings.standard(), CudaSettings.standard().fullSinglePrecision())) {
            out.println("-- " + settings);
            try (Driver driver = CudaDriver.open(0, settings)) {
                Benchmark benchmark = new Benchmark(driver, rival, least, out);
                benchmark.limits(8192, 1 << 28);
                benchmark.convolutions(1024);
                for (GraphLayers layers : List.of(Architectures.resNet50(SEED), Architectures.googLeNet(SEED))) {
                    benchmark.pairs(layers, 100);
                    benchmark.circuit(layers, patches);
                }
            }
        }
    }

    /** Lines of model, upper layer, lower layer, seconds a target. */
    static ImmutableMap<String, Double> rival(@Nullable String file) {
        if (file == null) {
            return ImmutableMap.of();
        }
        ImmutableMap.Builder<String, Double> times = ImmutableMap.builder();
        try {
            for (String line : Files.readAllLines(Path.of(file))) {
                List<String> words = Splitter.on(' ').omitEmptyStrings().splitToList(line);
                if (words.size() == 4) {
                    times.put(
                            words.get(0) + " " + words.get(1) + " <- " + words.get(2),
                            Double.valueOf(Objects.requireNonNull(words.get(3))));
                }
            }
        } catch (IOException e) {
            throw new NeurflowException(file + " cannot be read: " + e.getMessage(), e);
        }
        return times.buildOrThrow();
    }
}
