package io.neurflow.core.ray;

import java.util.Arrays;

/**
 * What the gates of one patch let through from the start of the ray: the steps at point 0 of {@link Steps}, all together and
 * by whole maps. Where every eighth gate or more is open there, that is quicker than one after the other.
 */
final class AtStart {
    /** So many times the open gates are worth all maps. */
    private static final int OPEN = 8;

    private final int positions;
    /** [channel][position]: 1, or the gate's slope where it is closed. */
    private final float[][] share;
    /** The share times c and times d. */
    private final float[][] constant;

    private final float[][] step;
    private int open;

    /**
     * For gates on c + alpha d.
     *
     * @param c [channel * positions + position]
     * @param d [position][channel]
     * @param slope of a closed gate
     */
    AtStart(float[] c, float[][] d, float slope) {
        positions = d.length;
        int channels = c.length / positions;
        share = new float[channels][positions];
        constant = new float[channels][positions];
        step = new float[channels][positions];
        for (int j = 0; j < channels; j++) {
            for (int q = 0; q < positions; q++) {
                float value = c[j * positions + q];
                float through = value > 0 ? 1 : slope;
                open += through == 0 ? 0 : 1;
                share[j][q] = through;
                constant[j][q] = through * value;
                step[j][q] = through * d[q][j];
            }
        }
    }

    /** Whether whole maps are quicker, for a row with most taps on the map. */
    boolean pays(Route.Row row) {
        Taps taps = row.taps;
        return OPEN * open >= share.length * positions && 2 * taps.start[positions] >= taps.size * positions;
    }

    /** Adds what a row gives: constant and slope of each position of its output, side by side. */
    void forward(Route.Row row, double[] sums) {
        Taps taps = row.taps;
        float[][] constants = byTap(row, constant);
        float[][] slopes = byTap(row, step);
        for (int q = 0; q < positions; q++) {
            for (int i = taps.start[q]; i < taps.start[q + 1]; i++) {
                int to = 2 * taps.output[i];
                sums[to] += constants[taps.tap[i]][q];
                sums[to + 1] += slopes[taps.tap[i]][q];
            }
        }
    }

    /** Sums over the channels, weighted by each tap: [tap][position]. */
    private float[][] byTap(Route.Row row, float[][] maps) {
        int size = row.taps.size;
        float[][] sums = new float[size][positions];
        for (int k = 0; k < size; k++) {
            int j = 0;
            for (; j + 4 <= maps.length; j += 4) {
                Kernels.add(
                        sums[k],
                        maps[j],
                        row.weights[j * size + k],
                        maps[j + 1],
                        row.weights[(j + 1) * size + k],
                        maps[j + 2],
                        row.weights[(j + 2) * size + k],
                        maps[j + 3],
                        row.weights[(j + 3) * size + k]);
            }
            for (; j < maps.length; j++) {
                Kernels.add(sums[k], maps[j], row.weights[j * size + k]);
            }
        }
        return sums;
    }

    /** The cotangents of the units for those of the row's output, summed over all points. */
    void back(Route.Row row, double[] rest, RowSweep.Taker into) {
        Taps taps = row.taps;
        int size = taps.size;
        float[][] reached = new float[size][positions];
        for (int q = 0; q < positions; q++) {
            for (int i = taps.start[q]; i < taps.start[q + 1]; i++) {
                reached[taps.tap[i]][q] = (float) rest[taps.output[i]];
            }
        }
        float[] sum = new float[positions];
        for (int j = 0; j < share.length; j++) {
            Arrays.fill(sum, 0);
            int base = j * size;
            int k = 0;
            for (; k + 4 <= size; k += 4) {
                Kernels.add(
                        sum,
                        reached[k],
                        row.weights[base + k],
                        reached[k + 1],
                        row.weights[base + k + 1],
                        reached[k + 2],
                        row.weights[base + k + 2],
                        reached[k + 3],
                        row.weights[base + k + 3]);
            }
            for (; k < size; k++) {
                Kernels.add(sum, reached[k], row.weights[base + k]);
            }
            for (int q = 0; q < positions; q++) {
                if (share[j][q] != 0) {
                    into.add(0, j, q, sum[q] * share[j][q]);
                }
            }
        }
    }
}
