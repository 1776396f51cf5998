package io.neurflow.core.ray;

import io.neurflow.core.graph.Op;

/**
 * Which outputs a convolution's input reaches: for position q of the input, the pairs (p, k) such that output position p reads
 * q through tap k. Those of q are at {@code start[q]} to {@code start[q + 1]}.
 */
final class Taps {
    final int[] start;
    final int[] output;
    final int[] tap;
    /** Taps of the window. */
    final int size;
    /** Positions of the output. */
    final int outputs;

    private Taps(int[] start, int[] output, int[] tap, int size, int outputs) {
        this.start = start;
        this.output = output;
        this.tap = tap;
        this.size = size;
        this.outputs = outputs;
    }

    /** Those of a window on a map. */
    static Taps of(Op.Window window, int rows, int columns) {
        int outRows = window.outputHeight(rows);
        int outColumns = window.outputWidth(columns);
        int size = window.height() * window.width();
        int[] start = new int[rows * columns + 1];
        int[] output = new int[rows * columns * size];
        int[] tap = new int[output.length];
        int count = 0;
        for (int y = 0; y < rows; y++) {
            for (int x = 0; x < columns; x++) {
                for (int k = 0; k < size; k++) {
                    int downY = y + window.padding().top() - k / window.width() * window.dilationY();
                    int downX = x + window.padding().left() - k % window.width() * window.dilationX();
                    int outY = Math.floorDiv(downY, window.strideY());
                    int outX = Math.floorDiv(downX, window.strideX());
                    boolean onGrid = outY * window.strideY() == downY && outX * window.strideX() == downX;
                    if (onGrid && outY >= 0 && outY < outRows && outX >= 0 && outX < outColumns) {
                        output[count] = outY * outColumns + outX;
                        tap[count++] = k;
                    }
                }
                start[y * columns + x + 1] = count;
            }
        }
        return new Taps(start, output, tap, size, outRows * outColumns);
    }

    /** Whether each output reads the input at its own position and nothing else: a 1x1 kernel without stride or padding. */
    boolean isPointwise() {
        if (size != 1 || start.length - 1 != outputs) {
            return false;
        }
        for (int q = 0; q < outputs; q++) {
            if (start[q + 1] != q + 1 || output[q] != q) {
                return false;
            }
        }
        return true;
    }

    /** Whether there is but one position, and one tap: what a dense operator has. */
    boolean isSingle() {
        return size == 1 && outputs == 1 && start.length == 2;
    }

    /** Those of a dense operator: one position, one tap. */
    static Taps single() {
        return new Taps(new int[] {0, 1}, new int[1], new int[1], 1, 1);
    }
}
