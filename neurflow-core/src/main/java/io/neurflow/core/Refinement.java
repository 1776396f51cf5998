package io.neurflow.core;

import static com.google.common.base.Preconditions.checkArgument;

import io.neurflow.api.Quadrature;

/**
 * When Eq. 2 is computed again with more points. The scores of a target on a patch v are complete when they add up to
 * &phi;<sub>a</sub>(x) - &phi;<sub>a</sub>(0); what is missing is the residual of the quadrature. Where
 *
 * <p>|residual(v)| &gt; {@code above} &middot; max<sub>u</sub> |&phi;<sub>a</sub>(u) - &phi;<sub>a</sub>(0)|, u over the
 * concept of the target,
 *
 * <p>this pair of target and patch is computed again with twice the points, and again, until the residual is small enough or
 * the most points are reached; the last result stands. All other pairs keep theirs. The right-hand side is known beforehand,
 * from the activations of the concept and one pass of zeros through the block, so that what is refined does not depend on
 * how patches are put into batches; only a pair whose residual is within rounding of the bound may fall on either side of it.
 *
 * <p>A small residual does not prove that each single score is right, since errors can cancel in the sum; a large one proves
 * that some are not.
 *
 * @param above the residual that is accepted, as a share of the target's largest change
 * @param mostSteps points that are not exceeded
 */
public record Refinement(double above, int mostSteps) {
    /** Checks both. */
    public Refinement {
        checkArgument(above > 0, "expected a positive share of the change to refine above, but it is %s", above);
        checkArgument(
                mostSteps >= 1 && mostSteps <= Quadrature.MAX_STEPS,
                "expected 1 to %s integration steps at the most, but it is %s",
                Quadrature.MAX_STEPS,
                mostSteps);
    }

    /**
     * The rule of {@link Preset#RECOMMENDED}.
     *
     * @return above 1 % of the change, 3200 points at the most
     */
    public static Refinement recommended() {
        return new Refinement(0.01, 3200);
    }

    @Override
    public String toString() {
        return "above " + above + " of the largest change, up to " + mostSteps + " steps";
    }
}
