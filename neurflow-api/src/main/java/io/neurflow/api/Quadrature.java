package io.neurflow.api;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableDoubleArray;

/**
 * Nodes &alpha;<sub>n</sub> and weights on [0, 1] by which the integral of Eq. 2 along the ray from 0 to x is
 * approximated.
 *
 * @param rule how nodes and weights are chosen
 * @param steps how many nodes, N in the paper
 */
public record Quadrature(Rule rule, int steps) {

    /** How nodes and weights are chosen. */
    public enum Rule {
        /** &alpha;<sub>n</sub> = n/N with equal weights, n = 1..N: Eq. 2 as printed. */
        RIEMANN_RIGHT,
        /** Gauss-Legendre nodes moved to [0, 1]: what the authors' code uses, with N = 50. */
        GAUSS_LEGENDRE,
        /** &alpha;<sub>n</sub> = (n - 1/2)/N with equal weights. */
        MIDPOINT,
        /** &alpha;<sub>n</sub> = (n - 1)/(N - 1), half weights at both ends; needs N of 2 or more. */
        TRAPEZOID
    }

    /** The most nodes that are accepted. */
    public static final int MAX_STEPS = 100_000;

    /** Checks the number of steps. */
    public Quadrature {
        int least = rule == Rule.TRAPEZOID ? 2 : 1;
        checkArgument(
                steps >= least && steps <= MAX_STEPS,
                "expected %s to %s integration steps for %s, but there are %s",
                least,
                MAX_STEPS,
                rule,
                steps);
    }

    /**
     * The rule of the paper.
     *
     * @param steps N
     * @return right Riemann sums
     */
    public static Quadrature riemannRight(int steps) {
        return new Quadrature(Rule.RIEMANN_RIGHT, steps);
    }

    /**
     * The rule of the authors' code.
     *
     * @param steps N
     * @return Gauss-Legendre
     */
    public static Quadrature gaussLegendre(int steps) {
        return new Quadrature(Rule.GAUSS_LEGENDRE, steps);
    }

    /**
     * The midpoint rule; with 2000 steps it serves as near exact in tests.
     *
     * @param steps N
     * @return midpoints
     */
    public static Quadrature midpoint(int steps) {
        return new Quadrature(Rule.MIDPOINT, steps);
    }

    /**
     * The same rule with another number of nodes.
     *
     * @param newSteps N
     * @return a changed copy
     */
    public Quadrature withSteps(int newSteps) {
        return new Quadrature(rule, newSteps);
    }

    /**
     * The nodes, ascending.
     *
     * @return {@link #steps()} values in [0, 1]
     */
    public ImmutableDoubleArray nodes() {
        return table(true);
    }

    /**
     * The weights that belong to {@link #nodes()}; they add up to 1.
     *
     * @return {@link #steps()} values
     */
    public ImmutableDoubleArray weights() {
        return table(false);
    }

    private ImmutableDoubleArray table(boolean nodes) {
        ImmutableDoubleArray.Builder table = ImmutableDoubleArray.builder(steps);
        for (int n = 0; n < steps; n++) {
            switch (rule) {
                case RIEMANN_RIGHT -> table.add(nodes ? (n + 1.0) / steps : 1.0 / steps);
                case MIDPOINT -> table.add(nodes ? (n + 0.5) / steps : 1.0 / steps);
                case TRAPEZOID ->
                    table.add(nodes ? n / (steps - 1.0) : (n == 0 || n == steps - 1 ? 0.5 : 1.0) / (steps - 1.0));
                case GAUSS_LEGENDRE -> table.add(legendre(n, nodes));
            }
        }
        return table.build();
    }

    /**
     * Root n of the Legendre polynomial P_N by Newton's method from the usual cosine guess, and its weight
     * 2 / ((1 - x&sup2;) P_N'(x)&sup2;); both moved from [-1, 1] to [0, 1].
     */
    private double legendre(int n, boolean node) {
        double x = -Math.cos(Math.PI * (n + 0.75) / (steps + 0.5));
        double slope = 0;
        for (int round = 0; round < 100; round++) {
            double before = 1;
            double value = x;
            for (int k = 2; k <= steps; k++) {
                double next = ((2 * k - 1) * x * value - (k - 1) * before) / k;
                before = value;
                value = next;
            }
            slope = steps * (x * value - before) / (x * x - 1);
            double step = value / slope;
            x -= step;
            if (Math.abs(step) < 1e-15) {
                break;
            }
        }
        return node ? (1 + x) / 2 : 1 / ((1 - x * x) * slope * slope);
    }

    @Override
    public String toString() {
        return rule + "(" + steps + ")";
    }
}
