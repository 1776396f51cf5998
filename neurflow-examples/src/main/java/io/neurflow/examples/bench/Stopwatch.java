package io.neurflow.examples.bench;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableDoubleArray;
import java.util.Arrays;

/** Times the same work several times. */
public final class Stopwatch {
    private static final double NANOS = 1e9;

    private Stopwatch() {}

    /**
     * Runs work and says how long each run took. Nothing is run beforehand to warm up.
     *
     * @param repeats how often, 1 or more
     * @param work what to run
     * @return seconds of each run, in order
     */
    public static ImmutableDoubleArray seconds(int repeats, Runnable work) {
        checkArgument(repeats >= 1, "expected one run or more, but there are %s", repeats);
        double[] seconds = new double[repeats];
        for (int i = 0; i < repeats; i++) {
            long start = System.nanoTime();
            work.run();
            seconds[i] = (System.nanoTime() - start) / NANOS;
        }
        return ImmutableDoubleArray.copyOf(seconds);
    }

    /**
     * Runs work several times, and again as long as there is time: what takes milliseconds is compiled by its thousandth run.
     *
     * @param repeats how often at least, 1 or more
     * @param atLeast seconds that all runs take together
     * @param work what to run
     * @return seconds of each run, in order
     */
    public static ImmutableDoubleArray seconds(int repeats, double atLeast, Runnable work) {
        ImmutableDoubleArray.Builder seconds = ImmutableDoubleArray.builder();
        double sum = 0;
        for (int i = 0; i < repeats || sum < atLeast; i++) {
            double next = seconds(1, work).get(0);
            seconds.add(next);
            sum += next;
        }
        return seconds.build();
    }

    /**
     * The fastest and the slowest.
     *
     * @param values at least one
     * @return two values
     */
    public static ImmutableDoubleArray range(ImmutableDoubleArray values) {
        return ImmutableDoubleArray.of(
                values.stream().min().orElseThrow(), values.stream().max().orElseThrow());
    }

    /**
     * The median; of an even number of values the mean of the middle two.
     *
     * @param values one or more
     * @return what half of the values are above
     */
    public static double median(ImmutableDoubleArray values) {
        double[] sorted = values.toArray();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
