package io.neurflow.core.ray;

import io.neurflow.core.ray.RayEngine.Pair;
import java.util.Optional;

/** One target on one patch where a row of a convolution reads gated values directly: what the row gives, and its way back. */
final class RowSweep {
    private final Route.Row row;
    private final Steps steps;
    private final Points points;
    private final Optional<AtStart> atStart;

    private RowSweep(Route.Row row, Steps steps, Points points, Optional<AtStart> atStart) {
        this.row = row;
        this.steps = steps;
        this.points = points;
        this.atStart = atStart;
    }

    /** Gets the share that a unit has in the sum over the points of weighted cotangents. */
    interface Taker {
        void add(int unit, int channel, int position, float cotangent);
    }

    /**
     * The scores of what is affine and the change of the target; hands the units' cotangents on.
     *
     * @param atStart the steps at point 0, if they are not among {@code steps}; units have no numbers then
     */
    static void run(Pair pair, Sources sources, Steps steps, Optional<AtStart> atStart, Points points, Taker into) {
        Route route = pair.target().route();
        Route.Row row = route.gated().orElseThrow().row();
        Straight straight = new Straight(route, sources);
        if (points.exact) {
            new ExactSweep(row, steps, straight, route.topSlope()).run(pair, into);
            return;
        }
        RowSweep sweep = new RowSweep(row, steps, points, atStart);
        Line line = new Line(points, straight, route.topSlope());
        sweep.forward(line.z);
        sweep.back(line.finish(pair), into);
    }

    /** Adds what the row gives for the gated values at each point, [point * positions + position]. */
    private void forward(float[] into) {
        Taps taps = row.taps;
        // Constant and slope of each position, side by side.
        double[] sums = new double[2 * taps.outputs];
        atStart.ifPresent(all -> all.forward(row, sums));
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
    private void back(float[] top, Taker into) {
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
        atStart.ifPresent(all -> all.back(row, rest, into));
    }
}
