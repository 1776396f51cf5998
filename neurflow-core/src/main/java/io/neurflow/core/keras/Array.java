package io.neurflow.core.keras;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.graph.Weights;

/** One array of weights as it stands in the file: row-major, in Keras's order of axes. */
final class Array {
    private final String source;
    private final ImmutableIntArray dims;
    private final float[] values;

    Array(String source, ImmutableIntArray dims, float[] values) {
        this.source = source;
        this.dims = dims;
        this.values = values;
    }

    /** Where it stands in the file. */
    String source() {
        return source;
    }

    ImmutableIntArray dims() {
        return dims;
    }

    /** The values themselves, not to be written to; refused if no sum survives them. */
    float[] values() {
        for (float value : values) {
            checkArgument(
                    Float.isFinite(value),
                    "'%s' holds %s, expected finite weights; train or save the model again",
                    source,
                    value);
        }
        return values;
    }

    Array expect(int... extents) {
        ImmutableIntArray expected = ImmutableIntArray.copyOf(extents);
        checkArgument(
                dims.equals(expected),
                "its weights '%s' have dimensions %s, expected %s; the file does not fit its own description",
                source,
                dims,
                expected);
        return this;
    }

    Weights weights(int length) {
        expect(length);
        return Weights.of(values());
    }
}
