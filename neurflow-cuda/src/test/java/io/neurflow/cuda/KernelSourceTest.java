package io.neurflow.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.base.Splitter;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.Neuron;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.GraphLayers;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The CUDA C sources, compiled by a C compiler for the processor at hand and run on arguments that the engine passed, against
 * what the Java twins made of the same. It holds what the kernels compute, if not that NVRTC takes them.
 */
class KernelSourceTest {
    private static final String PRELUDE =
            """
            #include <math.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <string.h>
            #define __device__
            #define __global__
            struct index { int x; };
            static struct index blockIdx, blockDim, threadIdx;
            static unsigned read4(void) {
              unsigned v = 0;
              for (int k = 0; k < 4; k++) { v = v << 8 | (unsigned) (getchar() & 255); }
              return v;
            }
            static void write4(unsigned v) { for (int k = 3; k >= 0; k--) { putchar((int) (v >> (8 * k) & 255)); } }
            static float readf(void) { unsigned v = read4(); float f; memcpy(&f, &v, 4); return f; }
            static int sizes[8]; static void* arrays[8]; static int count;
            static void* reada(void) {
              int n = (int) read4(); unsigned* a = malloc(4 * (size_t) n);
              for (int k = 0; k < n; k++) { a[k] = read4(); }
              sizes[count] = n; arrays[count++] = a; return a;
            }
            """;

    private static void record(GraphLayers layers, Recording recording) {
        try (CudaProbe probe = CudaProbe.on(layers, "on the host", List.of(new HostDriver(1L << 30, recording)))) {
            int size = 2 * probe.inputShape().size();
            Tensor inputs = Tensor.ofFloats(
                    2,
                    probe.inputShape(),
                    SmallNets.weights(new Random(5), size, 1).toFloats());
            for (int i = 0; i + 1 < probe.layers().size(); i++) {
                Layer from = probe.layers().get(i);
                Layer to = probe.layers().get(i + 1);
                Tensor x = probe.forward(inputs, from);
                Map<Neuron, ImmutableIntArray> targets = new LinkedHashMap<>();
                for (int c = 0; c < to.shape().channels(); c++) {
                    targets.put(to.neuron(c), ImmutableIntArray.of(1, 0));
                }
                probe.importance(from, x, targets, Quadrature.midpoint(3));
            }
            Layer lowest = probe.layers().get(0);
            probe.gradient(lowest, probe.forward(inputs, lowest), probe.logits().neuron(0));
        }
    }

    @Test
    void everySourceDoesWhatItsTwinDoes(@TempDir Path folder) throws IOException, InterruptedException {
        assumeTrue(hasCompiler(), "skipped: needs a C compiler called cc");
        Recording recording = new Recording(3);
        record(SmallNets.residual(), recording);
        record(SmallNets.inception(), recording);
        record(SmallNets.mobile(), recording);
        EveryCudaOperatorTest.cases().forEach(c -> record(EveryCudaOperatorTest.graph(c), recording));
        Set<Kind> seen = EnumSet.noneOf(Kind.class);
        List<Kernel> kernels = List.copyOf(recording.launches().keySet());
        kernels.forEach(kernel -> seen.add(kernel.kind()));
        assertThat(seen).containsExactlyInAnyOrder(Kind.values());

        Path source = folder.resolve("kernels.c");
        Files.writeString(source, program(kernels));
        Path program = folder.resolve("kernels");
        assertThat(run(List.of("cc", "-std=c99", "-O1", "-w", "-o", program.toString(), source.toString(), "-lm")))
                .as("the C compiler takes the sources")
                .isZero();

        Process process = new ProcessBuilder(program.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
                DataInputStream in = new DataInputStream(process.getInputStream())) {
            for (int k = 0; k < kernels.size(); k++) {
                for (Recording.Launch launch : recording.launches().get(kernels.get(k))) {
                    check(launch, k, out, in);
                }
            }
        }
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }

    private static void check(Recording.Launch launch, int number, DataOutputStream out, DataInputStream in)
            throws IOException {
        out.writeInt(number);
        out.writeInt(launch.threads());
        for (Object argument : launch.arguments()) {
            if (argument instanceof float[] array) {
                out.writeInt(array.length);
                for (float value : array) {
                    out.writeInt(Float.floatToRawIntBits(value));
                }
            } else if (argument instanceof Integer integer) {
                out.writeInt(integer);
            } else {
                out.writeInt(Float.floatToRawIntBits((Float) argument));
            }
        }
        out.flush();
        for (int a = 0; a < launch.arguments().size(); a++) {
            if (launch.arguments().get(a) instanceof float[] before) {
                float[] twin = (float[]) launch.results().get(a);
                float[] actual = new float[before.length];
                for (int i = 0; i < actual.length; i++) {
                    actual[i] = Float.intBitsToFloat(in.readInt());
                }
                close(twin, actual, launch.kernel() + ", argument " + a);
            }
        }
    }

    /** Ints, which look like tiny numbers or not-a-number, are bits that must be the same. */
    private static void close(float[] expected, float[] actual, String what) {
        double largest = 0;
        for (float value : expected) {
            largest = Float.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest;
        }
        for (int i = 0; i < expected.length; i++) {
            if (Float.floatToRawIntBits(expected[i]) != Float.floatToRawIntBits(actual[i])) {
                assertThat(actual[i]).as("%s at %s", what, i).isCloseTo(expected[i], Offset.offset((float)
                        (2e-5 * largest)));
            }
        }
    }

    private static String program(List<Kernel> kernels) {
        StringBuilder text = new StringBuilder(PRELUDE);
        StringBuilder dispatch = new StringBuilder();
        for (int k = 0; k < kernels.size(); k++) {
            Kernel kernel = kernels.get(k);
            text.append("#define VALUE VALUE_")
                    .append(k)
                    .append("\n#define SLOPE SLOPE_")
                    .append(k)
                    .append('\n');
            text.append(kernel.source().replace("extern \"C\" ", "static ").replace(kernel.name(), "kernel_" + k));
            text.append("#undef VALUE\n#undef SLOPE\n#undef GATED\n");
            dispatch.append(call(kernel, k));
        }
        return text.append("int main(void) {\nfor (;;) {\nint which = (int) read4(); if (feof(stdin)) { return 0; }\n")
                .append("int n = (int) read4(); count = 0; blockDim.x = 1; threadIdx.x = 0;\n")
                .append(dispatch)
                .append("for (int a = 0; a < count; a++) { unsigned* v = arrays[a];\n")
                .append("for (int k = 0; k < sizes[a]; k++) { write4(v[k]); } free(v); }\nfflush(stdout);\n}\n}\n")
                .toString();
    }

    private static String call(Kernel kernel, int k) {
        StringBuilder reads = new StringBuilder("if (which == " + k + ") {\n");
        List<String> names = new ArrayList<>();
        for (String type : parameters(kernel.kind())) {
            String name = "p" + names.size();
            if (type.contains("*")) {
                reads.append("void* ").append(name).append(" = reada();\n");
            } else if (type.startsWith("int")) {
                reads.append("int ").append(name).append(" = (int) read4();\n");
            } else {
                reads.append("float ").append(name).append(" = readf();\n");
            }
            names.add(name);
        }
        return reads.append("for (int i = 0; i < n; i++) { blockIdx.x = i; kernel_")
                .append(k)
                .append("(n, ")
                .append(String.join(", ", names))
                .append("); }\n}\n")
                .toString();
    }

    private static List<String> parameters(Kind kind) {
        return Splitter.on(',').trimResults().splitToList(kind.parameters());
    }

    @Test
    void namesAndParametersAreThoseOfC() {
        for (Kind kind : Kind.values()) {
            assertThat(parameters(kind)).allMatch(p -> p.matches("(const )?(float|int)\\*? \\w+"));
            assertThat(Kernel.of(kind).name())
                    .isEqualTo("neurflow_" + kind.name().toLowerCase(Locale.ROOT));
        }
    }

    private static boolean hasCompiler() throws InterruptedException {
        try {
            return run(List.of("cc", "--version")) == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static int run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getInputStream().transferTo(OutputStream.nullOutputStream());
        return process.waitFor();
    }
}
