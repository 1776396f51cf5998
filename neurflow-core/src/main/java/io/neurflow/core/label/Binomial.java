package io.neurflow.core.label;

import static com.google.common.base.Preconditions.checkArgument;

/** The binomial distribution, in double precision by sums of its terms. */
final class Binomial {
    private Binomial() {}

    /** P(X &ge; k) of n trials with probability p. */
    static double atLeast(int k, int n, double p) {
        checkArgument(k >= 0 && k <= n, "expected 0 to %s successes, but there are %s", n, k);
        if (k == 0 || p >= 1) {
            return 1;
        }
        if (p <= 0) {
            return 0;
        }
        double sum = 0;
        for (int i = k; i <= n; i++) {
            sum += Math.exp(logChoose(n, i) + i * Math.log(p) + (n - i) * Math.log1p(-p));
        }
        return Math.min(1, sum);
    }

    /** The lower end of the Clopper-Pearson interval of 95 %: the p with P(X &ge; k) = 0.025. */
    static double lower(int k, int n) {
        return k == 0 ? 0 : solve(p -> atLeast(k, n, p) - 0.025);
    }

    /** The upper end: the p with P(X &le; k) = 0.025. */
    static double upper(int k, int n) {
        return k == n ? 1 : solve(p -> 0.025 - (1 - atLeast(k + 1, n, p)));
    }

    /** Where a function that grows from below 0 to above 0 on [0, 1] is 0. */
    private static double solve(java.util.function.DoubleUnaryOperator growing) {
        double low = 0;
        double high = 1;
        for (int i = 0; i < 60; i++) {
            double middle = (low + high) / 2;
            if (growing.applyAsDouble(middle) < 0) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + high) / 2;
    }

    private static double logChoose(int n, int k) {
        double sum = 0;
        for (int i = 1; i <= Math.min(k, n - k); i++) {
            sum += Math.log((double) (n - i + 1) / i);
        }
        return sum;
    }
}
