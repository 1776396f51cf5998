package io.neurflow.core.ray;

/** One target on one patch where a row of a convolution reads gated values directly: what the row gives, and its way back. */
final class RowSweep {
    private final Route.Row row;
    private final GateTimes gates;
    private final Points points;
    private final float factor;
    private final float slope;

    RowSweep(Route.Row row, double slope, GateTimes gates, Points points) {
        this.row = row;
        this.gates = gates;
        this.points = points;
        this.slope = (float) slope;
        this.factor = (float) (1 - slope);
    }

    /** Adds what the row gives for gated c + alpha d at each point, [point * positions + position]. */
    void forward(float[] c, float[] d, int offset, float[] into) {
        Taps taps = row.taps;
        int positions = taps.start.length - 1;
        double[] a = new double[taps.outputs];
        double[] b = new double[taps.outputs];
        for (int unit = 0; unit < c.length; unit++) {
            float gate = gates.openAtStart[unit] ? 1 : slope;
            if (gate != 0) {
                add(a, b, unit, positions, gate * c[unit], gate * d[offset + unit]);
            }
        }
        for (int n = 0; n < points.count; n++) {
            if (n > 0) {
                for (int e = gates.start[n]; e < gates.start[n + 1]; e++) {
                    int unit = gates.order[e];
                    float sign = gates.openAtStart[unit] ? -factor : factor;
                    add(a, b, unit, positions, sign * c[unit], sign * d[offset + unit]);
                }
            }
            for (int p = 0; p < taps.outputs; p++) {
                into[n * taps.outputs + p] += (float) (a[p] + points.alpha[n] * b[p]);
            }
        }
    }

    private void add(double[] a, double[] b, int unit, int positions, float x, float y) {
        Taps taps = row.taps;
        int base = unit / positions * taps.size;
        int position = unit % positions;
        for (int i = taps.start[position]; i < taps.start[position + 1]; i++) {
            float w = row.weights[base + taps.tap[i]];
            a[taps.output[i]] += x * w;
            b[taps.output[i]] += y * w;
        }
    }

    /**
     * The sum over the points of weighted cotangents of u.
     *
     * @param top cotangent of the row's output, [point * positions + position], times the weight of the point
     * @param into [channel * positions + q], from {@code at} on
     */
    void back(float[] top, float[] into, int at) {
        Taps taps = row.taps;
        int positions = taps.start.length - 1;
        double[] sums = new double[taps.outputs];
        for (int n = 0; n < points.count; n++) {
            if (n > 0) {
                for (int e = gates.start[n]; e < gates.start[n + 1]; e++) {
                    int unit = gates.order[e];
                    float share = factor * product(sums, unit, positions);
                    into[at + unit] = gates.openAtStart[unit] ? share : -share;
                }
            }
            for (int p = 0; p < taps.outputs; p++) {
                sums[p] += top[n * taps.outputs + p];
            }
        }
        for (int unit = 0; unit < gates.openAtEnd.length; unit++) {
            float gate = gates.openAtEnd[unit] ? 1 : slope;
            if (gate != 0) {
                into[at + unit] += gate * product(sums, unit, positions);
            }
        }
    }

    private float product(double[] sums, int unit, int positions) {
        Taps taps = row.taps;
        int base = unit / positions * taps.size;
        int position = unit % positions;
        double sum = 0;
        for (int i = taps.start[position]; i < taps.start[position + 1]; i++) {
            sum += sums[taps.output[i]] * row.weights[base + taps.tap[i]];
        }
        return (float) sum;
    }
}
