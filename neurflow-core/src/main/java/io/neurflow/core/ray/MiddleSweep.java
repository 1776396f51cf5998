package io.neurflow.core.ray;

import java.util.Arrays;
import java.util.List;

/**
 * One patch's way along the ray through a middle convolution: its output is A + alpha B, where A and B change by one column of
 * the weights whenever a gate before it opens or closes. Finds when the gates behind it change, and what rows make of their
 * outputs at each point.
 */
final class MiddleSweep {
    private final MiddleStage stage;
    private final Points points;
    private final Waiting[] waiting;
    /** 1 where a gate behind is open, -1 where it is closed, [position][channel]. */
    private final float[][] side;

    final GateTimes first;
    /** Whether the gates behind are open at the start, [position * channels + channel]. */
    final boolean[] openAtStart;
    /** Gates behind that change, as position * channels + channel; those of point n at changeStart[n] to [n + 1]. */
    int[] changes = new int[1024];

    final int[] changeStart;
    private int changeCount;

    MiddleSweep(MiddleStage stage, Points points, GateTimes first) {
        this.stage = stage;
        this.points = points;
        this.first = first;
        this.openAtStart = new boolean[stage.outPositions * stage.outChannels];
        this.changeStart = new int[points.count + 1];
        this.waiting = new Waiting[stage.outPositions];
        Arrays.setAll(waiting, p -> new Waiting());
        this.side = new float[stage.outPositions][stage.outChannels];
    }

    /**
     * Goes along.
     *
     * @param c u(0), [channel][position]
     * @param d u(x) - u(0), from {@code offset} on
     * @param factor what the opening of a gate adds: 1 less its slope
     * @param slopes rows of the middle convolution of gated d at the start, [position][channel]; changed
     * @param rows weights of rows that read the gated output
     * @param into what the rows give, [row][point * positions + position], added
     */
    void run(float[] c, float[] d, int offset, float factor, float[][] slopes, List<float[]> rows, float[][] into) {
        float[][] a = new float[stage.outPositions][];
        Arrays.setAll(a, p -> stage.atZero[p].clone());
        float[] r = new float[stage.outChannels];
        float[] t = new float[stage.outChannels];
        for (int n = 0; n < points.count; n++) {
            if (n > 0) {
                for (int e = first.start[n]; e < first.start[n + 1]; e++) {
                    int unit = first.order[e];
                    float sign = first.openAtStart[unit] ? -factor : factor;
                    columns(unit, sign * c[unit], sign * d[offset + unit]);
                }
            }
            changeStart[n] = changeCount;
            for (int p = 0; p < stage.outPositions; p++) {
                waiting[p].addTo(a[p], slopes[p], stage.columns);
                Kernels.line(r, a[p], slopes[p], points.alpha[n]);
                look(n, p, r);
                Kernels.gate(r, (float) stage.slope);
                for (int i = 0; i < rows.size(); i++) {
                    Kernels.product(t, r, rows.get(i));
                    into[i][n * stage.outPositions + p] += Kernels.sum(t);
                }
            }
        }
        changeStart[points.count] = changeCount;
    }

    /** Notes what the change of a unit adds to each position that it reaches. */
    private void columns(int unit, float x, float y) {
        Taps taps = stage.taps;
        int base = unit / stage.inPositions * taps.size;
        int position = unit % stage.inPositions;
        for (int i = taps.start[position]; i < taps.start[position + 1]; i++) {
            waiting[taps.output[i]].add(base + taps.tap[i], x, y);
        }
    }

    /** Notes which gates at a position have changed. */
    private void look(int n, int p, float[] r) {
        float[] state = side[p];
        int base = p * r.length;
        if (n == 0) {
            for (int j = 0; j < r.length; j++) {
                openAtStart[base + j] = r[j] > 0;
                state[j] = r[j] > 0 ? 1 : -1;
            }
            return;
        }
        if (changes.length < changeCount + r.length) {
            changes = Arrays.copyOf(changes, 2 * (changeCount + r.length));
        }
        // One branch that is hardly ever taken; a comparison of two conditions would be mispredicted half of the time.
        for (int j = 0; j < r.length; j++) {
            if (state[j] * r[j] < 0) {
                state[j] = -state[j];
                changes[changeCount++] = base + j;
            }
        }
    }
}
