package io.neurflow.cuda;

import io.neurflow.core.graph.Op;

/** The extents of a convolution whose padding is the same on both sides; weights are [out, in / groups, height, width]. */
record Convolution(int in, int height, int width, int out, int outHeight, int outWidth, Op.Window window, int groups) {

    /** Multiply-adds for one item. */
    double work() {
        return (double) out * outHeight * outWidth * in / groups * window.height() * window.width();
    }
}
