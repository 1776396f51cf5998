package io.neurflow.core.ray;

import org.jspecify.annotations.Nullable;

/**
 * The values of one patch other than 0, twice: those of channel c at {@code start[c]} to {@code start[c + 1]}, by position,
 * and those of position q at {@code startAt[q]} to {@code startAt[q + 1]}, by channel. Behind a ReLU most values are 0.
 */
final class Entries {
    final int channels;
    final int positions;
    final int[] start;
    final int[] position;
    final float[] value;
    private final int[] startAt;
    private final int[] channelAt;
    private final float[] valueAt;

    Entries(float[] values, int channels) {
        this.channels = channels;
        positions = values.length / channels;
        start = new int[channels + 1];
        startAt = new int[positions + 1];
        int count = 0;
        for (float v : values) {
            // What is not a number counts as other than 0.
            count += v == 0 ? 0 : 1;
        }
        // One place more, so that a 0 can be written and then overwritten.
        position = new int[count + 1];
        value = new float[count + 1];
        int next = 0;
        for (int c = 0; c < channels; c++) {
            int base = c * positions;
            for (int q = 0; q < positions; q++) {
                float v = values[base + q];
                position[next] = q;
                value[next] = v;
                next += v == 0 ? 0 : 1;
            }
            start[c + 1] = next;
        }
        for (int e = 0; e < count; e++) {
            startAt[position[e] + 1]++;
        }
        for (int q = 0; q < positions; q++) {
            startAt[q + 1] += startAt[q];
        }
        channelAt = new int[count];
        valueAt = new float[count];
        int[] nextAt = startAt.clone();
        for (int c = 0; c < channels; c++) {
            for (int e = start[c]; e < start[c + 1]; e++) {
                int to = nextAt[position[e]]++;
                channelAt[to] = c;
                valueAt[to] = value[e];
            }
        }
    }

    /** Adds to each position's row the rows of its channels, times their values: [position][j] += x [channel][j]. */
    void addRows(float[][] byChannel, float[][] into) {
        for (int q = 0; q < positions; q++) {
            float[] sum = into[q];
            int e = startAt[q];
            for (; e + 3 < startAt[q + 1]; e += 4) {
                Kernels.add(
                        sum,
                        byChannel[channelAt[e]],
                        valueAt[e],
                        byChannel[channelAt[e + 1]],
                        valueAt[e + 1],
                        byChannel[channelAt[e + 2]],
                        valueAt[e + 2],
                        byChannel[channelAt[e + 3]],
                        valueAt[e + 3]);
            }
            for (; e < startAt[q + 1]; e++) {
                Kernels.add(sum, byChannel[channelAt[e]], valueAt[e]);
            }
        }
    }

    /**
     * Adds to a row the rows of the positions where a channel is not 0, times its values there.
     *
     * @param byPosition rows; null where all of one is 0
     */
    void addChannel(int channel, float[] @Nullable [] byPosition, float[] into) {
        float[][] rows = new float[4][];
        float[] times = new float[4];
        int found = 0;
        for (int e = start[channel]; e < start[channel + 1]; e++) {
            float[] row = byPosition[position[e]];
            if (row == null) {
                continue;
            }
            rows[found] = row;
            times[found++] = value[e];
            if (found == 4) {
                Kernels.add(into, rows[0], times[0], rows[1], times[1], rows[2], times[2], rows[3], times[3]);
                found = 0;
            }
        }
        for (int i = 0; i < found; i++) {
            Kernels.add(into, rows[i], times[i]);
        }
    }

    /** Whether all values are numbers. */
    boolean isFinite() {
        for (int e = 0; e < start[channels]; e++) {
            if (!Float.isFinite(value[e])) {
                return false;
            }
        }
        return true;
    }
}
