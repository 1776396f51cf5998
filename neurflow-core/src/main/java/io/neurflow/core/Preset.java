package io.neurflow.core;

/**
 * A consistent set of choices where the paper, its authors' released code and good practice differ.
 * {@code docs/choices.md} in the sources lists every one of them.
 */
public enum Preset {
    /**
     * The formulas as printed: right Riemann sums with N = 50, |T| of Eq. 2, groups of neurons by their own layer's
     * activations, a child counted once for each of its semantic groups, never a single semantic group. Dead neurons (the
     * same activation for every patch of their concept) are treated as any other; no patches flush with the border.
     */
    PAPER,
    /**
     * What the authors' code computes, with Eq. 4 as it should be: Gauss-Legendre with 50 nodes, mean |T| over the patches,
     * groups of neurons by the layer below; else as {@link #PAPER}.
     */
    AUTHORS_CODE,
    /**
     * The default: Gauss-Legendre with 50 nodes, and more where the completeness residual asks for them
     * ({@link Refinement#recommended()}), |T| of Eq. 2, groups by their own
     * layer, the weight of a child shared out among its semantic groups, one semantic group where a concept does not
     * split more clearly than a single cloud of points would, no core concept neurons for dead neurons, and patches flush
     * with the border where the grid leaves a rest.
     */
    RECOMMENDED
}
