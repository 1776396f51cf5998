package io.neurflow.core.reference;

import io.neurflow.core.graph.Op;

/**
 * Functions of one value and their derivatives. At a kink the derivative is that of the flat side where one side is flat
 * (ReLU at 0, the ends of a clip), else that of the left side.
 */
final class Functions {
    private Functions() {}

    static double value(Op.Elementwise op, double x) {
        double a = op.a();
        return switch (op.function()) {
            case RELU -> x > 0 || Double.isNaN(x) ? x : 0;
            case LEAKY_RELU -> x > 0 ? x : a * x;
            case CLIP -> Math.min(Math.max(x, a), op.b());
            case SIGMOID -> sigmoid(x);
            case TANH -> Math.tanh(x);
            case HARD_SIGMOID -> Math.min(Math.max(a * x + op.b(), 0), 1);
            case HARD_SWISH -> x * Math.min(Math.max(x / 6 + 0.5, 0), 1);
            case ELU -> x > 0 ? x : a * Math.expm1(x);
            case SILU -> x * sigmoid(x);
            case GELU -> x * normal(x);
        };
    }

    static double derivative(Op.Elementwise op, double x) {
        double a = op.a();
        return switch (op.function()) {
            case RELU -> x > 0 ? 1 : 0;
            case LEAKY_RELU -> x > 0 ? 1 : a;
            case CLIP -> x > a && x < op.b() ? 1 : 0;
            case SIGMOID -> sigmoid(x) * sigmoid(-x);
            case TANH -> 1 - Math.tanh(x) * Math.tanh(x);
            case HARD_SIGMOID -> a * x + op.b() > 0 && a * x + op.b() < 1 ? a : 0;
            case HARD_SWISH -> x <= -3 ? 0 : x < 3 ? x / 3 + 0.5 : 1;
            case ELU -> x > 0 ? 1 : a * Math.exp(x);
            case SILU -> sigmoid(x) * (1 + x * sigmoid(-x));
            case GELU -> normal(x) + x * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
        };
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** (1 + erf(x / sqrt 2)) / 2, the distribution function of the standard normal distribution. */
    private static double normal(double x) {
        return (1 + erf(x / Math.sqrt(2))) / 2;
    }

    /** 2 / sqrt(pi) e^(-x^2) sum over n of 2^n x^(2n+1) / (1 3 5 ... (2n+1)): all terms of one sign, so nothing cancels. */
    static double erf(double x) {
        if (Math.abs(x) > 6) {
            return Math.signum(x); // 1 - erf 6 is 2e-17
        }
        double term = x;
        double sum = x;
        for (int n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }
}
