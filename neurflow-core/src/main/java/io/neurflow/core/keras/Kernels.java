package io.neurflow.core.keras;

/** Kernels turned from Keras's order of axes to the graph's. */
final class Kernels {
    /** Both sides of a tile stay in the processor's first cache. */
    private static final int TILE = 32;

    private Kernels() {}

    /**
     * Turns [positions, in, out] into [out, in, positions].
     *
     * @param from row-major
     * @param positions cells of the window
     * @param in channels that each output reads
     * @param out channels of the output
     * @return row-major
     */
    static float[] outputsFirst(float[] from, int positions, int in, int out) {
        float[] to = new float[from.length];
        int rows = positions * in;
        for (int top = 0; top < rows; top += TILE) {
            for (int left = 0; left < out; left += TILE) {
                for (int row = top; row < Math.min(rows, top + TILE); row++) {
                    int place = row % in * positions + row / in;
                    for (int o = left; o < Math.min(out, left + TILE); o++) {
                        to[o * rows + place] = from[row * out + o];
                    }
                }
            }
        }
        return to;
    }
}
