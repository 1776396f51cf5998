package io.neurflow.api;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import com.google.common.primitives.ImmutableDoubleArray;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Nodes &alpha;<sub>n</sub> and weights on [0, 1] by which the integral of Eq. 2 along the ray from 0 to x is
 * approximated; or {@link Rule#EXACT}, the integral itself. An immutable value; the tables are computed when they are first
 * asked for, and kept.
 */
public final class Quadrature {

    /** How nodes and weights are chosen. */
    public enum Rule {
        /** &alpha;<sub>n</sub> = n/N with equal weights, n = 1..N: Eq. 2 as printed. */
        RIEMANN_RIGHT,
        /** Gauss-Legendre nodes moved to [0, 1]: what the authors' code uses, with N = 50. */
        GAUSS_LEGENDRE,
        /** &alpha;<sub>n</sub> = (n - 1/2)/N with equal weights. */
        MIDPOINT,
        /** &alpha;<sub>n</sub> = (n - 1)/(N - 1), half weights at both ends; needs N of 2 or more. */
        TRAPEZOID,
        /**
         * The integral itself: where what lies between two layers is piecewise linear, the gradient is constant between two
         * gates that open or close, and an engine that knows where they do needs no nodes. Has 0 steps. An engine or a block
         * for which this is not closed form refuses it.
         */
        EXACT
    }

    /** The most nodes that are accepted. */
    public static final int MAX_STEPS = 100_000;

    private final Rule rule;
    private final int steps;
    private final Supplier<ImmutableDoubleArray> nodes = Suppliers.memoize(() -> table(true));
    private final Supplier<ImmutableDoubleArray> weights = Suppliers.memoize(() -> table(false));

    /**
     * A rule with a number of steps.
     *
     * @param rule how nodes and weights are chosen
     * @param steps how many nodes, N in the paper; 1 to {@link #MAX_STEPS}, 2 at least for TRAPEZOID, 0 for EXACT
     */
    public Quadrature(Rule rule, int steps) {
        int least = rule == Rule.TRAPEZOID ? 2 : rule == Rule.EXACT ? 0 : 1;
        int most = rule == Rule.EXACT ? 0 : MAX_STEPS;
        checkArgument(
                steps >= least && steps <= most,
                "expected %s to %s integration steps for %s, but there are %s",
                least,
                most,
                rule,
                steps);
        this.rule = rule;
        this.steps = steps;
    }

    /**
     * How nodes and weights are chosen.
     *
     * @return the rule
     */
    public Rule rule() {
        return rule;
    }

    /**
     * How many nodes.
     *
     * @return N in the paper; 0 for {@link Rule#EXACT}
     */
    public int steps() {
        return steps;
    }

    /**
     * The integral itself.
     *
     * @return no nodes at all
     */
    public static Quadrature exact() {
        return new Quadrature(Rule.EXACT, 0);
    }

    /**
     * Whether this is the integral itself.
     *
     * @return true for {@link Rule#EXACT}
     */
    public boolean isExact() {
        return rule == Rule.EXACT;
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
     * @param newSteps N; must be 0 for {@link Rule#EXACT}
     * @return a changed copy
     */
    public Quadrature withSteps(int newSteps) {
        return new Quadrature(rule, newSteps);
    }

    /**
     * The nodes, ascending.
     *
     * @return {@link #steps()} values in [0, 1]
     * @throws IllegalArgumentException for {@link Rule#EXACT}
     */
    public ImmutableDoubleArray nodes() {
        return nodes.get();
    }

    /**
     * The weights that belong to {@link #nodes()}; they add up to 1.
     *
     * @return {@link #steps()} values
     * @throws IllegalArgumentException for {@link Rule#EXACT}
     */
    public ImmutableDoubleArray weights() {
        return weights.get();
    }

    private ImmutableDoubleArray table(boolean nodes) {
        checkArgument(
                !isExact(),
                "expected a quadrature with nodes, since this engine takes a gradient at each of them, but it is EXACT; use"
                        + " GAUSS_LEGENDRE with 50 steps, say");
        ImmutableDoubleArray.Builder table = ImmutableDoubleArray.builder(steps);
        for (int n = 0; n < steps; n++) {
            switch (rule) {
                case RIEMANN_RIGHT -> table.add(nodes ? (n + 1.0) / steps : 1.0 / steps);
                case MIDPOINT -> table.add(nodes ? (n + 0.5) / steps : 1.0 / steps);
                case TRAPEZOID ->
                    table.add(nodes ? n / (steps - 1.0) : (n == 0 || n == steps - 1 ? 0.5 : 1.0) / (steps - 1.0));
                case GAUSS_LEGENDRE -> table.add(legendre(n, nodes));
                case EXACT -> throw new AssertionError(rule);
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
    public boolean equals(@Nullable Object other) {
        return other instanceof Quadrature that && rule == that.rule && steps == that.steps;
    }

    @Override
    public int hashCode() {
        return Objects.hash(rule, steps);
    }

    @Override
    public String toString() {
        return isExact() ? "EXACT" : rule + "(" + steps + ")";
    }
}
