package io.neurflow.core;

import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import java.util.Arrays;

/**
 * For each channel of a layer the patches that activate it most, strongest first, the lower index first on ties: the order
 * of {@link Ranking}. 12 bytes for each patch that is kept, however many are shown.
 */
final class StrongestPatches {
    private final int most;
    private final double[][] activations;
    private final int[][] patches;
    private int shown;

    StrongestPatches(int channels, int most) {
        this.most = most;
        this.activations = new double[channels][most];
        this.patches = new int[channels][most];
    }

    /** Takes the next patch; patches come in ascending order. */
    void add(double[] row) {
        for (int c = 0; c < row.length; c++) {
            insert(activations[c], patches[c], row[c]);
        }
        shown++;
    }

    private void insert(double[] values, int[] indices, double value) {
        int held = Math.min(shown, most);
        // Of equal ones those that came first stay before it.
        if (held == most && Double.compare(values[most - 1], value) >= 0) {
            return;
        }
        int low = 0;
        int high = held;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Double.compare(values[middle], value) >= 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        int moved = Math.min(held, most - 1) - low;
        System.arraycopy(values, low, values, low + 1, moved);
        System.arraycopy(indices, low, indices, low + 1, moved);
        values[low] = value;
        indices[low] = shown;
    }

    /** Whether the first {@code count} are known, or all patches if there are fewer. */
    boolean knows(int count) {
        return Math.min(count, shown) <= most;
    }

    ImmutableIntArray patches(int channel, int count) {
        return ImmutableIntArray.copyOf(Arrays.copyOf(patches[channel], Math.min(count, shown)));
    }

    ImmutableDoubleArray activations(int channel, int count) {
        return ImmutableDoubleArray.copyOf(Arrays.copyOf(activations[channel], Math.min(count, shown)));
    }
}
