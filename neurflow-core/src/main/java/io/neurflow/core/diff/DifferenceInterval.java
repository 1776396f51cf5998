package io.neurflow.core.diff;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Locale;

/**
 * How far the difference of two weights would vary with other images: an interval of 95 %.
 *
 * <p>d &plusmn; t s &radic;((n + 1) / (n - 1)), where d is the difference, s the standard deviation of the differences of
 * {@link WeightDraws}, n the number of source images and t the 97.5 % quantile of Student's distribution with n - 1 degrees of
 * freedom. The root turns the spread of a Bayesian bootstrap into that of a mean of n.
 *
 * @param low lower end
 * @param high upper end
 * @param images n, source images behind the parent's concept, in the circuit that has fewer; 2 or more
 */
public record DifferenceInterval(double low, double high, int images) {
    /** Checks order. */
    public DifferenceInterval {
        checkArgument(
                low <= high && images >= 2, "expected %s <= %s of 2 images or more, but of %s", low, high, images);
    }

    static DifferenceInterval of(double difference, double[] draws, int images) {
        double mean = 0;
        for (double draw : draws) {
            mean += draw / draws.length;
        }
        double squares = 0;
        for (double draw : draws) {
            squares += (draw - mean) * (draw - mean);
        }
        double deviation = Math.sqrt(squares / (draws.length - 1));
        double half = quantile(images - 1) * deviation * Math.sqrt((images + 1.0) / (images - 1.0));
        return new DifferenceInterval(difference - half, difference + half, images);
    }

    /** The 97.5 % quantile of Student's t: exact for 1 and 2, else Cornish and Fisher's expansion, good to 0.5 %. */
    static double quantile(int degrees) {
        if (degrees <= 2) {
            return degrees == 1 ? 12.706204736 : 4.302652730;
        }
        double z = 1.959963985;
        double z2 = z * z;
        double n = degrees;
        return z
                + z * (z2 + 1) / (4 * n)
                + z * (5 * z2 * z2 + 16 * z2 + 3) / (96 * n * n)
                + z * (3 * z2 * z2 * z2 + 19 * z2 * z2 + 17 * z2 - 15) / (384 * n * n * n);
    }

    /**
     * Whether no difference at all is among what other images might have said.
     *
     * @return true if 0 lies within
     */
    public boolean containsZero() {
        return low <= 0 && high >= 0;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "[%+.3f, %+.3f] (%d images)", low, high, images);
    }
}
