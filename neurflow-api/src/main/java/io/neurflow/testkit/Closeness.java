package io.neurflow.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.neurflow.api.Precision;
import io.neurflow.api.Tensor;
import java.util.Arrays;
import java.util.stream.Stream;

/** Compares arrays relative to their largest value: a small value beside large ones carries the rounding of the large ones. */
final class Closeness {
    private Closeness() {}

    static void assertClose(Tensor expected, Tensor actual, double tolerance, String what) {
        assertEquals(expected.count(), actual.count(), () -> what + ": number of items");
        assertEquals(expected.shape(), actual.shape(), () -> what + ": shape");
        assertClose(expected.toDoubles(), actual.toDoubles(), tolerance, what);
    }

    static void assertClose(double[][] expected, double[][] actual, double tolerance, String what) {
        assertEquals(expected.length, actual.length, () -> what + ": number of rows");
        assertClose(
                Stream.of(expected).flatMapToDouble(Arrays::stream).toArray(),
                Stream.of(actual).flatMapToDouble(Arrays::stream).toArray(),
                tolerance,
                what);
    }

    static void assertClose(double[] expected, double[] actual, double tolerance, String what) {
        assertEquals(expected.length, actual.length, () -> what + ": number of values");
        double allowed = tolerance * Math.max(largest(expected), Double.MIN_NORMAL);
        for (int i = 0; i < expected.length; i++) {
            // not (difference > allowed): NaN must fail
            if (!(Math.abs(expected[i] - actual[i]) <= allowed)) {
                fail(what + ": expected " + expected[i] + " at " + i + " (within " + allowed + "), but it is "
                        + actual[i]);
            }
        }
    }

    static void assertSameBits(Tensor expected, Tensor actual, String what) {
        assertEquals(expected.shape(), actual.shape(), () -> what + ": shape");
        assertEquals(expected.precision(), actual.precision(), () -> what + ": precision");
        if (expected.precision() == Precision.FLOAT32) {
            assertArrayEquals(expected.toFloats(), actual.toFloats(), what);
        } else {
            assertArrayEquals(expected.toDoubles(), actual.toDoubles(), what);
        }
    }

    static double largest(double[] values) {
        return Arrays.stream(values).map(Math::abs).max().orElse(0);
    }
}
