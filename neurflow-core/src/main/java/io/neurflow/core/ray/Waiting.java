package io.neurflow.core.ray;

import java.util.Arrays;

/** Columns that are to be added to one position, several at a time. */
final class Waiting {
    private int count;
    private int[] column = new int[64];
    private float[] x = new float[64];
    private float[] y = new float[64];

    void add(int which, float forConstant, float forSlope) {
        if (count == column.length) {
            column = Arrays.copyOf(column, 2 * count);
            x = Arrays.copyOf(x, 2 * count);
            y = Arrays.copyOf(y, 2 * count);
        }
        column[count] = which;
        x[count] = forConstant;
        y[count++] = forSlope;
    }

    /** constant += x column, slope += y column, for all that wait. */
    void addTo(float[] constant, float[] slope, float[][] columns) {
        int i = 0;
        for (; i + 4 <= count; i += 4) {
            float[] w0 = columns[column[i]];
            float[] w1 = columns[column[i + 1]];
            float[] w2 = columns[column[i + 2]];
            float[] w3 = columns[column[i + 3]];
            Kernels.add(constant, w0, x[i], w1, x[i + 1], w2, x[i + 2], w3, x[i + 3]);
            Kernels.add(slope, w0, y[i], w1, y[i + 1], w2, y[i + 2], w3, y[i + 3]);
        }
        for (; i < count; i++) {
            Kernels.add(constant, columns[column[i]], x[i]);
            Kernels.add(slope, columns[column[i]], y[i]);
        }
        count = 0;
    }
}
