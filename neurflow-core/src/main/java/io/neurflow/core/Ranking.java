package io.neurflow.core;

import com.google.common.primitives.ImmutableIntArray;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Puts values in order: the largest first, the lower index first on ties. */
final class Ranking {
    private Ranking() {}

    static ImmutableIntArray largest(double[] values, int most) {
        return ImmutableIntArray.copyOf(IntStream.range(0, values.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> values[i]).reversed())
                .limit(most)
                .mapToInt(Integer::intValue));
    }

    /** As {@link #largest(double[], int)} of the magnitudes. */
    static ImmutableIntArray largestMagnitudes(double[] values, int most) {
        double[] magnitudes = values.clone();
        for (int i = 0; i < magnitudes.length; i++) {
            magnitudes[i] = Math.abs(magnitudes[i]);
        }
        return largest(magnitudes, most);
    }
}
