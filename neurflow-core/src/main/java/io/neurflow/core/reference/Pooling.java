package io.neurflow.core.reference;

import io.neurflow.core.graph.Op;

/** Maximum and mean over windows. Of equal maxima the first, row by row, is the one that the gradient goes to. */
final class Pooling {
    private final Op.Window k;

    Pooling(Op.Window window) {
        this.k = window;
    }

    Grid max(Grid x, Grid y) {
        for (int i = 0; i < y.v.length; i++) {
            int at = argmax(x, y, i);
            y.v[i] = at < 0 ? Double.NEGATIVE_INFINITY : x.v[at];
        }
        return y;
    }

    void maxBackward(Grid x, Grid gx, Grid gy) {
        for (int i = 0; i < gy.v.length; i++) {
            int at = argmax(x, gy, i);
            if (at >= 0) {
                gx.v[at] += gy.v[i];
            }
        }
    }

    Grid mean(Grid x, Grid y, boolean countPadding) {
        for (int i = 0; i < y.v.length; i++) {
            double sum = 0;
            for (int ky = 0; ky < k.height(); ky++) {
                for (int kx = 0; kx < k.width(); kx++) {
                    int at = cell(x, y, i, ky, kx);
                    sum += at < 0 ? 0 : x.v[at];
                }
            }
            y.v[i] = sum / cells(x, y, i, countPadding);
        }
        return y;
    }

    void meanBackward(Grid gx, Grid gy, boolean countPadding) {
        for (int i = 0; i < gy.v.length; i++) {
            double share = gy.v[i] / cells(gx, gy, i, countPadding);
            for (int ky = 0; ky < k.height(); ky++) {
                for (int kx = 0; kx < k.width(); kx++) {
                    int at = cell(gx, gy, i, ky, kx);
                    if (at >= 0) {
                        gx.v[at] += share;
                    }
                }
            }
        }
    }

    private int argmax(Grid x, Grid y, int i) {
        int best = -1;
        for (int ky = 0; ky < k.height(); ky++) {
            for (int kx = 0; kx < k.width(); kx++) {
                int at = cell(x, y, i, ky, kx);
                // Not-a-number wins, as everywhere else in the network.
                if (at >= 0 && (best < 0 || x.v[at] > x.v[best] || Double.isNaN(x.v[at]))) {
                    best = at;
                }
            }
        }
        return best;
    }

    /** Where in x the window of output i has its cell (ky, kx); negative if outside. */
    private int cell(Grid x, Grid y, int i, int ky, int kx) {
        int row = top(y, i) + ky * k.dilationY();
        int column = left(y, i) + kx * k.dilationX();
        boolean inside = row >= 0 && row < x.height() && column >= 0 && column < x.width();
        int channel = i / y.perChannel();
        return inside ? (channel * x.height() + row) * x.width() + column : -1;
    }

    private int top(Grid y, int i) {
        return i / y.width() % y.height() * k.strideY() - k.padding().top();
    }

    private int left(Grid y, int i) {
        return i % y.width() * k.strideX() - k.padding().left();
    }

    /** How many cells the mean is over: padding if it counts, but never what hangs over it. */
    private int cells(Grid x, Grid y, int i, boolean countPadding) {
        Op.Padding p = countPadding ? k.padding() : Op.Padding.NONE;
        int rows = overlap(top(y, i), k.height(), -p.top(), x.height() + p.bottom());
        int columns = overlap(left(y, i), k.width(), -p.left(), x.width() + p.right());
        return Math.max(1, rows * columns);
    }

    private static int overlap(int start, int size, int low, int high) {
        return Math.max(0, Math.min(start + size, high) - Math.max(start, low));
    }
}
