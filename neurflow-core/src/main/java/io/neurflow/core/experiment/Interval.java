package io.neurflow.core.experiment;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * A mean over independent units (target neurons, as a rule), and how far it can be trusted: the percentile bootstrap over the units.
 * Differences are paired: give it one difference for each unit.
 *
 * @param mean of the units that have a value; NaN without any
 * @param low lower end of the interval
 * @param high upper end
 * @param units how many have a value
 */
public record Interval(double mean, double low, double high, int units) {
    /** Draws of the bootstrap. */
    public static final int DRAWS = 2000;

    /** Share of draws that lie inside. */
    public static final double LEVEL = 0.95;

    /**
     * Bootstraps a mean: units are drawn with replacement {@value #DRAWS} times, and the interval reaches from the 2.5th to the
     * 97.5th percentile of the draws' means. With fewer than two units it has no ends. The interval says nothing about what all
     * units share: the images, the model.
     *
     * @param values one for each unit; those that are NaN are left out
     * @param seed of the draws
     * @return the mean with its interval
     */
    public static Interval of(double[] values, long seed) {
        double[] known = Arrays.stream(values).filter(v -> !Double.isNaN(v)).toArray();
        double mean = Arrays.stream(known).average().orElse(Double.NaN);
        if (known.length < 2) {
            return new Interval(mean, Double.NaN, Double.NaN, known.length);
        }
        SplittableRandom random = new SplittableRandom(seed);
        double[] means = new double[DRAWS];
        for (int draw = 0; draw < DRAWS; draw++) {
            double sum = 0;
            for (int i = 0; i < known.length; i++) {
                sum += known[random.nextInt(known.length)];
            }
            means[draw] = sum / known.length;
        }
        Arrays.sort(means);
        double tail = (1 - LEVEL) / 2;
        return new Interval(mean, quantile(means, tail), quantile(means, 1 - tail), known.length);
    }

    /** Linear between the order statistics. */
    static double quantile(double[] sorted, double share) {
        checkArgument(sorted.length > 0, "expected values to take a quantile of, but there are none");
        double at = share * (sorted.length - 1);
        int below = (int) Math.floor(at);
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }

    /**
     * The interval for a table.
     *
     * @return such as {@code -0.05 … 0.12}; a dash without ends
     */
    public String ends() {
        return Double.isNaN(low) ? "-" : String.format(Locale.ROOT, "%.3f … %.3f", low, high);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.3f (%s, n = %d)", mean, ends(), units);
    }
}
