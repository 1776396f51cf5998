package io.neurflow.core.graph;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;

/**
 * Constant values of a model, in single precision. The array handed over belongs to the weights from then on.
 * Equality is identity: comparing millions of values by accident helps nobody.
 */
public final class Weights {
    private final float[] values;

    private Weights(float[] values) {
        this.values = values;
    }

    /**
     * Wraps values.
     *
     * @param values row-major; not to be written to afterwards
     * @return the weights
     */
    public static Weights of(float... values) {
        return new Weights(values);
    }

    /**
     * How many values there are.
     *
     * @return the length
     */
    public int length() {
        return values.length;
    }

    /**
     * One value.
     *
     * @param index row-major
     * @return the value
     */
    public float get(int index) {
        return values[index];
    }

    /**
     * All values.
     *
     * @return a fresh array
     */
    public float[] toFloats() {
        return values.clone();
    }

    /**
     * Some of the values, next to each other.
     *
     * @param from the first
     * @param count how many
     * @return a fresh array
     */
    public float[] toFloats(int from, int count) {
        return Arrays.copyOfRange(values, from, from + count);
    }

    void checkLength(long expected) {
        checkArgument(values.length == expected, "expected %s weights, but there are %s", expected, values.length);
    }

    @Override
    public String toString() {
        return "Weights[" + values.length + "]";
    }
}
