package io.neurflow.core.ray;

import java.util.List;

/**
 * The way back of some targets on one patch, in front of a middle convolution. With E<sub>n</sub> the cotangent of its output
 * at point n and F<sub>n</sub> = &Sigma;<sub>m &le; n</sub> weight<sub>m</sub> E<sub>m</sub>, a gate before the convolution
 * that opens at point n lets through the transposed convolution of F<sub>end</sub> - F<sub>n-1</sub>, one that closes that of
 * F<sub>n-1</sub>: one dense convolution for all, and one product of a column for each gate that changes.
 *
 * <p>Gates change at the same points for all targets, so that a column of the weights is fetched once for all of them. There
 * should be as many targets as leave F in a processor's cache ({@link #most}).
 */
final class BackSweep {
    /** Bytes of all F together that a second level cache still holds besides some columns. */
    private static final int CACHE = 832 << 10;

    private final MiddleStage stage;
    private final MiddleSweep sweep;
    private final float[][] rows;
    /** F, [target][position][channel]; at the end of the run that of the whole ray. */
    private final float[][][] sums;
    /** Whether F is no longer 0 everywhere, [target][position]. */
    private final boolean[][] some;

    private final float[] t;
    private final float[][] left;
    private final float[][] right;

    /**
     * For some targets.
     *
     * @param stage the convolution
     * @param sweep the patch
     * @param rows for each target the weights of the row that reads the gated output
     */
    BackSweep(MiddleStage stage, MiddleSweep sweep, List<float[]> rows) {
        this.stage = stage;
        this.sweep = sweep;
        this.rows = rows.toArray(float[][]::new);
        this.sums = new float[rows.size()][stage.outPositions][stage.outChannels];
        this.some = new boolean[rows.size()][stage.outPositions];
        this.t = new float[stage.outChannels];
        this.left = new float[stage.taps.size][];
        this.right = new float[stage.taps.size][];
    }

    /** How many targets to take at a time. */
    static int most(MiddleStage stage) {
        return Math.max(2, CACHE / (Float.BYTES * stage.outPositions * stage.outChannels));
    }

    /** F of the whole ray, [position][channel]. */
    float[][] sums(int target) {
        return sums[target];
    }

    /**
     * Goes along.
     *
     * @param points the points
     * @param tops for each target the cotangent of the row's output, [point * positions + position], times the weight of the
     *     point
     * @param into what gates that change add to or take from the transposed convolution of the whole, times {@code factor};
     *     those of target i at {@code offset + i * units}, [channel * positions + q]
     * @param offset see above
     * @param factor what the opening of a gate adds: 1 less its slope
     */
    void run(Points points, List<float[]> tops, float[] into, int offset, float factor) {
        int channels = stage.outChannels;
        int positions = stage.outPositions;
        float slope = (float) stage.slope;
        float[][] gates = new float[positions][channels];
        for (int p = 0; p < positions; p++) {
            for (int j = 0; j < channels; j++) {
                gates[p][j] = sweep.openAtStart[p * channels + j] ? 1 : slope;
            }
        }
        boolean[] now = sweep.openAtStart.clone();
        for (int n = 0; n < points.count; n++) {
            if (n > 0) {
                for (int e = sweep.first.start[n]; e < sweep.first.start[n + 1]; e++) {
                    products(sweep.first.order[e], into, offset, factor);
                }
            }
            for (int e = sweep.changeStart[n]; e < sweep.changeStart[n + 1]; e++) {
                int at = sweep.changes[e];
                now[at] = !now[at];
                gates[at / channels][at % channels] = now[at] ? 1 : slope;
            }
            for (int i = 0; i < rows.length; i++) {
                float[] top = tops.get(i);
                for (int p = 0; p < positions; p++) {
                    float share = top[n * positions + p];
                    if (share != 0) {
                        Kernels.add(sums[i][p], gates[p], rows[i], share);
                        some[i][p] = true;
                    }
                }
            }
        }
    }

    /** What the change of a gate means to each target. */
    private void products(int unit, float[] into, int offset, float factor) {
        int units = stage.inChannels * stage.inPositions;
        float sign = sweep.first.openAtStart[unit] ? factor : -factor;
        for (int i = 0; i < rows.length; i++) {
            into[offset + i * units + unit] = sign * product(unit, sums[i], some[i]);
        }
    }

    /** One column of the transposed convolution of F. */
    private float product(int unit, float[][] f, boolean[] some) {
        Taps taps = stage.taps;
        int base = unit / stage.inPositions * taps.size;
        int position = unit % stage.inPositions;
        int count = 0;
        for (int i = taps.start[position]; i < taps.start[position + 1]; i++) {
            int p = taps.output[i];
            if (some[p]) {
                left[count] = stage.columns[base + taps.tap[i]];
                right[count++] = f[p];
            }
        }
        if (count == 0) {
            return 0;
        }
        int done;
        if (count < 3) {
            Kernels.product(t, left[0], right[0]);
            done = 1;
        } else {
            Kernels.products(t, left[0], right[0], left[1], right[1], left[2], right[2]);
            done = 3;
        }
        for (; done + 3 <= count; done += 3) {
            Kernels.addProducts(
                    t, left[done], right[done], left[done + 1], right[done + 1], left[done + 2], right[done + 2]);
        }
        for (; done < count; done++) {
            Kernels.addProduct(t, left[done], right[done]);
        }
        return Kernels.sum(t);
    }
}
