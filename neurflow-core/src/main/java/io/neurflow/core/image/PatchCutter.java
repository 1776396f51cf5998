package io.neurflow.core.image;

/**
 * Cuts a square window from a normalised image and enlarges it to the full side: bilinear, align_corners=False, no
 * antialias, with source position {@code max(0, (i + 0.5) * size / side - 0.5)} and neighbours clamped at the end. In
 * double precision, rounded once at the end. Normalising maps each byte by itself, so it is a table; only the window is
 * ever normalised. Not for use by several threads.
 */
final class PatchCutter {
    private final int side;
    private final ChannelOrder order;
    private final double[][] table;
    private int size;
    /** For each position of the result its lower neighbour, how far the next one is, and the latter's weight. */
    private final int[] lower;

    private final int[] step;
    private final double[] weight;

    PatchCutter(Preprocessing preprocessing) {
        this.side = preprocessing.side();
        this.order = preprocessing.order();
        this.table = preprocessing.table();
        this.lower = new int[side];
        this.step = new int[side];
        this.weight = new double[side];
    }

    /** Writes 3 x side x side values from {@code to[at]} on. */
    void cut(byte[] rgb, int top, int left, int extent, float[] to, int at) {
        if (extent == side) {
            whole(rgb, to, at);
            return;
        }
        prepare(extent);
        double[] wide = new double[size * side];
        for (int c = 0; c < 3; c++) {
            widen(rgb, (top * side + left) * 3 + order.source(c), table[c], wide);
            int plane = at + c * side * side;
            for (int y = 0; y < side; y++) {
                int above = lower[y] * side;
                int below = above + step[y] * side;
                double w = weight[y];
                for (int x = 0; x < side; x++) {
                    to[plane + y * side + x] = (float) ((1 - w) * wide[above + x] + w * wide[below + x]);
                }
            }
        }
    }

    private void whole(byte[] rgb, float[] to, int at) {
        for (int c = 0; c < 3; c++) {
            int from = order.source(c);
            for (int i = 0; i < side * side; i++) {
                to[at + c * side * side + i] = (float) table[c][rgb[3 * i + from] & 0xff];
            }
        }
    }

    private void widen(byte[] rgb, int from, double[] values, double[] wide) {
        double[] row = new double[size];
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++) {
                row[x] = values[rgb[from + (y * side + x) * 3] & 0xff];
            }
            for (int x = 0; x < side; x++) {
                wide[y * side + x] = (1 - weight[x]) * row[lower[x]] + weight[x] * row[lower[x] + step[x]];
            }
        }
    }

    private void prepare(int extent) {
        if (size == extent) {
            return;
        }
        size = extent;
        double scale = (double) size / side;
        for (int i = 0; i < side; i++) {
            double source = Math.max(0, (i + 0.5) * scale - 0.5);
            lower[i] = (int) source;
            step[i] = lower[i] < size - 1 ? 1 : 0;
            weight[i] = source - lower[i];
        }
    }
}
