package io.neurflow.core.ray;

/** One target on one patch where a row of a convolution reads gated values directly: what the row gives, and its way back. */
final class RowSweep {
    private final Route.Row row;
    private final Steps steps;
    private final Points points;

    RowSweep(Route.Row row, Steps steps, Points points) {
        this.row = row;
        this.steps = steps;
        this.points = points;
    }

    /** Gets the share that a unit has in the sum over the points of weighted cotangents. */
    interface Taker {
        void add(int unit, int channel, int position, float cotangent);
    }

    /** Adds what the row gives for the gated values at each point, [point * positions + position]. */
    void forward(float[] into) {
        Taps taps = row.taps;
        // Constant and slope of each position, side by side.
        double[] sums = new double[2 * taps.outputs];
        for (int n = 0; n < points.count; n++) {
            for (int e = steps.start[n]; e < steps.start[n + 1]; e++) {
                int base = steps.channel[e] * taps.size;
                int q = steps.position[e];
                double x = steps.constant[e];
                double y = steps.step[e];
                for (int i = taps.start[q]; i < taps.start[q + 1]; i++) {
                    float w = row.weights[base + taps.tap[i]];
                    int o = 2 * taps.output[i];
                    sums[o] += x * w;
                    sums[o + 1] += y * w;
                }
            }
            int at = n * taps.outputs;
            for (int p = 0; p < taps.outputs; p++) {
                into[at + p] += (float) (sums[2 * p] + points.alpha[n] * sums[2 * p + 1]);
            }
        }
    }

    /**
     * The sum over the points of weighted cotangents of u: a step at point n lets through those from n on.
     *
     * @param top cotangent of the row's output, [point * positions + position], times the weight of the point
     * @param into gets them
     */
    void back(float[] top, Taker into) {
        Taps taps = row.taps;
        double[] rest = new double[taps.outputs];
        for (int n = points.count - 1; n >= 0; n--) {
            int at = n * taps.outputs;
            for (int p = 0; p < taps.outputs; p++) {
                rest[p] += top[at + p];
            }
            for (int e = steps.start[n]; e < steps.start[n + 1]; e++) {
                int base = steps.channel[e] * taps.size;
                int q = steps.position[e];
                double sum = 0;
                for (int i = taps.start[q]; i < taps.start[q + 1]; i++) {
                    sum += rest[taps.output[i]] * row.weights[base + taps.tap[i]];
                }
                into.add(steps.unit[e], steps.channel[e], q, (float) (sum * steps.share[e]));
            }
        }
    }
}
