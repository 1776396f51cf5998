package io.neurflow.core.ray;

/**
 * The way back of one target on one patch, in front of a middle convolution. With E<sub>n</sub> the cotangent of its output
 * at point n and F<sub>n</sub> = &Sigma;<sub>m &le; n</sub> weight<sub>m</sub> E<sub>m</sub>, a gate before the convolution
 * that opens at point n lets through the transposed convolution of F<sub>end</sub> - F<sub>n-1</sub>, one that closes that of
 * F<sub>n-1</sub>: one dense convolution for all, and one product of a column for each gate that changes.
 */
final class PairSweep {
    private final MiddleStage stage;
    private final Points points;
    /** F, [position][channel]; at the end of the run that of the whole ray. */
    final float[][] sums;
    /** What gates that change add to or take from the transposed convolution of the whole, [channel * positions + q]. */
    final float[] corrections;

    private final float[] t;
    private final float[] quarter;
    private final float[][] left;
    private final float[][] right;

    PairSweep(MiddleStage stage, Points points) {
        this.stage = stage;
        this.points = points;
        this.sums = new float[stage.outPositions][stage.outChannels];
        this.corrections = new float[stage.inChannels * stage.inPositions];
        this.t = new float[stage.outChannels];
        this.quarter = new float[stage.outChannels / 4];
        this.left = new float[stage.taps.size][];
        this.right = new float[stage.taps.size][];
    }

    /**
     * Goes along.
     *
     * @param sweep the patch
     * @param row weights of the row that reads the gated output
     * @param top the cotangent of the row's output, [point * positions + position], times the weight of the point
     */
    void run(MiddleSweep sweep, float[] row, float[] top) {
        int channels = stage.outChannels;
        float slope = (float) stage.slope;
        float[][] open = new float[stage.outPositions][channels];
        for (int p = 0; p < stage.outPositions; p++) {
            for (int j = 0; j < channels; j++) {
                open[p][j] = sweep.openAtStart[p * channels + j] ? row[j] : slope * row[j];
            }
        }
        boolean[] now = sweep.openAtStart.clone();
        boolean[] some = new boolean[stage.outPositions];
        GateTimes first = sweep.first;
        for (int n = 0; n < points.count; n++) {
            if (n > 0) {
                for (int e = first.start[n]; e < first.start[n + 1]; e++) {
                    int unit = first.order[e];
                    float product = product(unit, some);
                    corrections[unit] = first.openAtStart[unit] ? product : -product;
                }
            }
            for (int e = sweep.changeStart[n]; e < sweep.changeStart[n + 1]; e++) {
                int at = sweep.changes[e];
                now[at] = !now[at];
                int j = at % channels;
                open[at / channels][j] = now[at] ? row[j] : slope * row[j];
            }
            for (int p = 0; p < stage.outPositions; p++) {
                float share = top[n * stage.outPositions + p];
                if (share != 0) {
                    Kernels.add(sums[p], open[p], share);
                    some[p] = true;
                }
            }
        }
    }

    /** One column of the transposed convolution of F. */
    private float product(int unit, boolean[] some) {
        Taps taps = stage.taps;
        int base = unit / stage.inPositions * taps.size;
        int position = unit % stage.inPositions;
        int count = 0;
        for (int i = taps.start[position]; i < taps.start[position + 1]; i++) {
            int p = taps.output[i];
            if (some[p]) {
                left[count] = stage.columns[base + taps.tap[i]];
                right[count++] = sums[p];
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
        return Kernels.sum(t, quarter);
    }
}
