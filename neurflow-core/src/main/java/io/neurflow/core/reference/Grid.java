package io.neurflow.core.reference;

import com.google.common.primitives.ImmutableIntArray;

/** One value of the network for one input: numbers in row-major order and their dimensions. */
final class Grid {
    final ImmutableIntArray dimensions;
    final double[] v;

    Grid(ImmutableIntArray dimensions, double[] v) {
        this.dimensions = dimensions;
        this.v = v;
    }

    static Grid zeros(ImmutableIntArray dimensions) {
        return new Grid(dimensions, new double[dimensions.stream().reduce(1, Math::multiplyExact)]);
    }

    int channels() {
        return dimensions.get(0);
    }

    int height() {
        return dimensions.get(1);
    }

    int width() {
        return dimensions.get(2);
    }

    /** Values in one channel, whatever the number of dimensions. */
    int perChannel() {
        return v.length / Math.max(1, channels());
    }
}
