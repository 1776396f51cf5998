package io.neurflow.core;

import com.google.common.primitives.ImmutableIntArray;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Cuts 0 .. count-1 into runs of at most {@code size} consecutive numbers. */
final class Batches {
    private Batches() {}

    static void forEach(int count, int size, Consumer<ImmutableIntArray> action) {
        int step = Math.max(1, size);
        for (int start = 0; start < count; start += step) {
            action.accept(ImmutableIntArray.copyOf(IntStream.range(start, Math.min(start + step, count))));
        }
    }
}
