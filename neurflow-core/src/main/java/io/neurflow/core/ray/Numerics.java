package io.neurflow.core.ray;

/**
 * What the ray engine asks of a probe's engine: the affine parts of a network graph, for many items at once. Values are
 * row-major, [count, dimensions of the value].
 */
public interface Numerics {
    /**
     * From one value to another.
     *
     * @param from index of a value
     * @param to index of a value that can be computed from it
     * @param x [count, dimensions of {@code from}]
     * @param count items
     * @return [count, dimensions of {@code to}]
     */
    float[] forward(int from, int to, float[] x, int count);

    /**
     * The transposed way back between values with an affine map between them.
     *
     * @param from index of a value
     * @param to index of a value that is an affine function of it
     * @param cotangents [count, dimensions of {@code to}]
     * @param count items
     * @return [count, dimensions of {@code from}]
     */
    float[] pullback(int from, int to, float[] cotangents, int count);
}
