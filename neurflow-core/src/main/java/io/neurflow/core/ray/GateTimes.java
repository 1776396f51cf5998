package io.neurflow.core.ray;

/**
 * When the gates on c + alpha d open or close, each at most once: the units in the order of their changes. Those that change
 * at point n are {@code order[start[n]]} to {@code order[start[n + 1]]}, those of one position together, so that neighbours
 * read the same rows.
 */
final class GateTimes {
    final int[] start;
    final int[] order;
    final boolean[] openAtStart;
    final boolean[] openAtEnd;

    /** Of units [channel][position]. */
    GateTimes(float[] c, float[] d, int dOffset, int positions, Points points) {
        int units = c.length;
        int[] change = new int[units];
        start = new int[points.count + 2];
        openAtStart = new boolean[units];
        openAtEnd = new boolean[units];
        for (int i = 0; i < units; i++) {
            int n = points.change(c[i], d[dOffset + i]);
            change[i] = n;
            start[n + 1]++;
            openAtStart[i] = c[i] > 0;
            openAtEnd[i] = openAtStart[i] == (n == points.count);
        }
        for (int n = 0; n <= points.count; n++) {
            start[n + 1] += start[n];
        }
        int[] next = start.clone();
        order = new int[units];
        for (int q = 0; q < positions; q++) {
            for (int i = q; i < units; i += positions) {
                order[next[change[i]]++] = i;
            }
        }
    }
}
