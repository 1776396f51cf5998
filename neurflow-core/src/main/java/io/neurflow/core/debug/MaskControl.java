package io.neurflow.core.debug;

import com.google.common.primitives.ImmutableDoubleArray;
import java.util.Locale;

/**
 * Random masks to compare a mask with: the same layer, the same number of channels, and for each masked channel one whose
 * mean activation on the same inputs is among the nearest ({@link #POOL} or twice the size of the mask, whichever is more).
 *
 * <p>P-values are those of one-sided Monte Carlo tests: (1 + the number of random masks that do as much as the mask or
 * more) / (1 + the number of random masks). Null hypothesis: the mask is one of its matched random masks. The smallest
 * possible value is 1 / (draws + 1).
 *
 * @param seed of the random masks
 * @param logitDrops for each random mask the mean over the inputs of the drop of the class's logit
 * @param probabilityDrops the same of the class's probability
 * @param meanFlips mean over the random masks of the share of inputs whose prediction changes
 * @param pValue of the test on the mean drop of the logit, which is what a circuit explains
 * @param pProbability of the test on the mean drop of the probability, which is what people see; it depends on the other
 *     classes, too, and is blunt where probabilities are near 0 or 1
 * @param activationRatio mean activation of the channels of the random masks as a share of that of the mask: 1 if matching
 *     succeeded; far below, the mask is simply more active than anything else in the pool
 * @param pool which channels they were drawn from
 */
public record MaskControl(
        long seed,
        ImmutableDoubleArray logitDrops,
        ImmutableDoubleArray probabilityDrops,
        double meanFlips,
        double pValue,
        double pProbability,
        double activationRatio,
        ControlPool pool) {
    /** From how many channels, nearest in activation, a partner is drawn at the least. */
    public static final int POOL = 8;

    /**
     * The mean over the random masks.
     *
     * @return mean drop of the class's logit
     */
    public double meanLogitDrop() {
        return logitDrops.stream().average().orElse(0);
    }

    /**
     * The mean over the random masks.
     *
     * @return mean drop of the class's probability
     */
    public double meanProbabilityDrop() {
        return probabilityDrops.stream().average().orElse(0);
    }

    /**
     * How many random masks there are.
     *
     * @return 20 or more
     */
    public int draws() {
        return logitDrops.length();
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d random masks (seed %d, %s, activation %.0f %% of the mask's): p falls by %.3f, its logit by %.2f,"
                        + " %.0f %% flip; p-value %.4f (of the probability: %.4f)",
                draws(),
                seed,
                pool.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                100 * activationRatio,
                meanProbabilityDrop(),
                meanLogitDrop(),
                100 * meanFlips,
                pValue,
                pProbability);
    }
}
