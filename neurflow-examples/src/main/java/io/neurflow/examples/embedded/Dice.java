package io.neurflow.examples.embedded;

import java.util.SplittableRandom;

/**
 * Random numbers for drawing. Everything is derived from {@link SplittableRandom#nextLong()} by arithmetic written here, so
 * that a picture does not depend on how a Java release turns bits into bounded numbers.
 */
final class Dice {
    private final SplittableRandom source;

    Dice(long seed) {
        source = new SplittableRandom(seed);
    }

    /** Uniform in [0, 1). */
    double unit() {
        return (source.nextLong() >>> 11) * 0x1.0p-53;
    }

    /** A seed for the picture with the given number: unrelated for unrelated numbers, the same whenever asked. */
    static long seed(long set, int thing, int number) {
        long first = new SplittableRandom(set + thing).nextLong();
        return new SplittableRandom(first + number).nextLong();
    }

    /** Uniform in [low, high). */
    double between(double low, double high) {
        return low + (high - low) * unit();
    }

    /** Uniform in 0 ... bound - 1. */
    int below(int bound) {
        return (int) (unit() * bound);
    }

    /** True with the given probability. */
    boolean chance(double probability) {
        return unit() < probability;
    }

    /** One of the values, all equally likely. */
    @SafeVarargs
    final <T> T oneOf(T... values) {
        return values[below(values.length)];
    }
}
