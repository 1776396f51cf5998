package io.neurflow.cuda;

import io.neurflow.core.graph.Op;
import java.util.Locale;
import java.util.Optional;

/**
 * One kernel: what it does, and the function of one value that is fused into it, if any. Its CUDA C source is compiled on the
 * device when it is first needed.
 *
 * @param kind what it does
 * @param function fused in
 */
record Kernel(Kind kind, Optional<Op.Elementwise> function) {
    static Kernel of(Kind kind) {
        return new Kernel(kind, Optional.empty());
    }

    static Kernel of(Kind kind, Op.Elementwise function) {
        return new Kernel(kind, Optional.of(function));
    }

    String name() {
        String fused = function.map(f -> "_" + f.kind()).orElse("");
        return "neurflow_" + (kind.name() + fused).toLowerCase(Locale.ROOT);
    }

    /** A whole program with this kernel, for one that has {@code expf} and its kin, be it NVRTC or a C compiler. */
    String source() {
        return "static __device__ float VALUE(float x) { return "
                + function.map(Kernel::value).orElse("x")
                + "; }\nstatic __device__ float SLOPE(float x) { return "
                + function.map(Kernel::slope).orElse("1.0f")
                + "; }\n#define GATED "
                + (function.isPresent() ? 1 : 0)
                + "\nextern \"C\" __global__ void "
                + name()
                + "(int n, "
                + kind.parameters()
                + ") {\nint i = blockIdx.x * blockDim.x + threadIdx.x;\nif (i >= n) { return; }\n"
                + kind.body()
                + "\n}\n";
    }

    private static String value(Op.Elementwise f) {
        String a = constant(f.a());
        String b = constant(f.b());
        return switch (f.function()) {
            case RELU -> "x > 0.0f || x != x ? x : 0.0f";
            case LEAKY_RELU -> "x > 0.0f ? x : " + a + " * x";
            case CLIP -> "x != x ? x : x < " + a + " ? " + a + " : x > " + b + " ? " + b + " : x";
            case SIGMOID -> "1.0f / (1.0f + expf(-x))";
            case TANH -> "tanhf(x)";
            case HARD_SIGMOID -> "fminf(fmaxf(" + a + " * x + " + b + ", 0.0f), 1.0f)";
            case HARD_SWISH -> "x * fminf(fmaxf(x / 6.0f + 0.5f, 0.0f), 1.0f)";
            case ELU -> "x > 0.0f ? x : " + a + " * expm1f(x)";
            case SILU -> "x / (1.0f + expf(-x))";
            case GELU -> "0.5f * x * (1.0f + erff(x * 0.70710678118654752f))";
        };
    }

    private static String slope(Op.Elementwise f) {
        String a = constant(f.a());
        String b = constant(f.b());
        return switch (f.function()) {
            case RELU -> "x > 0.0f ? 1.0f : 0.0f";
            case LEAKY_RELU -> "x > 0.0f ? 1.0f : " + a;
            case CLIP -> "x > " + a + " && x < " + b + " ? 1.0f : 0.0f";
            case SIGMOID -> "1.0f / ((1.0f + expf(-x)) * (1.0f + expf(x)))";
            case TANH -> "1.0f - tanhf(x) * tanhf(x)";
            case HARD_SIGMOID -> a + " * x + " + b + " > 0.0f && " + a + " * x + " + b + " < 1.0f ? " + a + " : 0.0f";
            case HARD_SWISH -> "x <= -3.0f ? 0.0f : x < 3.0f ? x / 3.0f + 0.5f : 1.0f";
            case ELU -> "x > 0.0f ? 1.0f : " + a + " * expf(x)";
            case SILU -> "(1.0f + x / (1.0f + expf(x))) / (1.0f + expf(-x))";
            case GELU ->
                "0.5f * (1.0f + erff(x * 0.70710678118654752f)) + x * 0.39894228040143268f * expf(-0.5f * x * x)";
        };
    }

    private static String constant(double value) {
        if (Double.isInfinite(value)) {
            return value > 0 ? "((float) (1e300 * 1e300))" : "((float) -(1e300 * 1e300))";
        }
        return "(" + (float) value + "f)";
    }

    /**
     * Whether the slope can be told from the function's value as well as from its argument, by the same rule: then the
     * function can be applied in place.
     */
    static boolean isGate(Op.Elementwise f) {
        return switch (f.function()) {
            case RELU, CLIP -> true;
            case LEAKY_RELU -> f.a() >= 0;
            default -> false;
        };
    }
}
