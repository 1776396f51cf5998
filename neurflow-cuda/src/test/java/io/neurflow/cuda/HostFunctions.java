package io.neurflow.cuda;

import io.neurflow.core.graph.Op;

/** Functions of one value and their slopes, in double precision. */
final class HostFunctions {
    private HostFunctions() {}

    static double value(Op.Elementwise f, double x) {
        double a = f.a();
        return switch (f.function()) {
            case RELU -> x > 0 || Double.isNaN(x) ? x : 0;
            case LEAKY_RELU -> x > 0 ? x : a * x;
            case CLIP -> Math.min(Math.max(x, a), f.b());
            case SIGMOID -> sigmoid(x);
            case TANH -> Math.tanh(x);
            case HARD_SIGMOID -> Math.min(Math.max(a * x + f.b(), 0), 1);
            case HARD_SWISH -> x * Math.min(Math.max(x / 6 + 0.5, 0), 1);
            case ELU -> x > 0 ? x : a * Math.expm1(x);
            case SILU -> x * sigmoid(x);
            case GELU -> x * normal(x);
        };
    }

    static double slope(Op.Elementwise f, double x) {
        double a = f.a();
        return switch (f.function()) {
            case RELU -> x > 0 ? 1 : 0;
            case LEAKY_RELU -> x > 0 ? 1 : a;
            case CLIP -> x > (float) a && x < (float) f.b() ? 1 : 0;
            case SIGMOID -> sigmoid(x) * sigmoid(-x);
            case TANH -> 1 - Math.tanh(x) * Math.tanh(x);
            case HARD_SIGMOID -> a * x + f.b() > 0 && a * x + f.b() < 1 ? a : 0;
            case HARD_SWISH -> x <= -3 ? 0 : x < 3 ? x / 3 + 0.5 : 1;
            case ELU -> x > 0 ? 1 : a * Math.exp(x);
            case SILU -> sigmoid(x) * (1 + x * sigmoid(-x));
            case GELU -> normal(x) + x * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
        };
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** The normal distribution function by Simpson's rule, from 0 on. */
    private static double normal(double x) {
        int n = 200;
        double h = x / n;
        double sum = 1 + Math.exp(-x * x / 2);
        for (int i = 1; i < n; i++) {
            sum += (i % 2 == 1 ? 4 : 2) * Math.exp(-i * h * i * h / 2);
        }
        return 0.5 + sum * h / 3 / Math.sqrt(2 * Math.PI);
    }
}
