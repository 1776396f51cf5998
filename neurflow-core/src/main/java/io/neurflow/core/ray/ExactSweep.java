package io.neurflow.core.ray;

import io.neurflow.core.ray.RayEngine.Pair;
import java.util.Optional;

/**
 * The integral itself for one target on one patch where a row of a convolution reads gated values: from one step of these
 * values to the next the row's outputs z are affine in alpha, so that the part of the way on which the last gate is open is
 * known. A gate that opens at alpha lets through what the last gate lets through from there to 1.
 */
final class ExactSweep {
    private final Route.Row row;
    private final Steps steps;
    private final Straight straight;
    private final double slope;
    /** z = constant + alpha slope at each position. */
    private final double[] a;

    private final double[] b;
    /** Up to where, and the integral of the last gate's derivative up to there. */
    private final double[] reached;

    private final double[] integral;

    ExactSweep(Route.Row row, Steps steps, Straight straight, Optional<Double> topSlope) {
        this.row = row;
        this.steps = steps;
        this.straight = straight;
        this.slope = topSlope.orElse(1.0);
        this.a = straight.constant.clone();
        this.b = straight.step.clone();
        this.reached = new double[a.length];
        this.integral = new double[a.length];
    }

    /** The scores of what is affine and the change of the target; hands the units' integrated cotangents on. */
    void run(Pair pair, RowSweep.Taker into) {
        Taps taps = row.taps;
        int count = steps.unit.length;
        int first = steps.start[1];
        double[] before = new double[count];
        double change = 0;
        for (int e = 0; e < count; e++) {
            if (e == first) {
                change -= mean(0);
            }
            before[e] = e < first ? 0 : through(e, steps.alpha(e));
            int base = steps.channel[e] * taps.size;
            int q = steps.position[e];
            for (int i = taps.start[q]; i < taps.start[q + 1]; i++) {
                double w = row.weights[base + taps.tap[i]];
                a[taps.output[i]] += steps.constant[e] * w;
                b[taps.output[i]] += steps.step[e] * w;
            }
        }
        change += first == count ? mean(1) - mean(0) : mean(1);
        for (int p = 0; p < integral.length; p++) {
            advance(p, 1);
        }
        for (int e = 0; e < count; e++) {
            double share = (through(e, 1) - before[e]) * steps.share[e] / integral.length;
            into.add(steps.unit[e], steps.channel[e], steps.position[e], (float) share);
        }
        double[] sums = new double[integral.length];
        for (int p = 0; p < sums.length; p++) {
            sums[p] = integral[p] / sums.length;
        }
        straight.addScores(sums, pair.scores());
        pair.change(change);
    }

    /** What the last gate has let through of a unit up to an alpha. */
    private double through(int e, double alpha) {
        Taps taps = row.taps;
        int base = steps.channel[e] * taps.size;
        int q = steps.position[e];
        double sum = 0;
        for (int i = taps.start[q]; i < taps.start[q + 1]; i++) {
            advance(taps.output[i], alpha);
            sum += integral[taps.output[i]] * row.weights[base + taps.tap[i]];
        }
        return sum;
    }

    private void advance(int p, double alpha) {
        double length = alpha - reached[p];
        if (length > 0) {
            integral[p] += slope * length + (1 - slope) * Points.open(a[p], b[p], reached[p], alpha);
            reached[p] = alpha;
        }
    }

    /** The spatial mean of the target with z as it is. */
    private double mean(double alpha) {
        double sum = 0;
        for (int p = 0; p < a.length; p++) {
            double z = a[p] + alpha * b[p];
            sum += z > 0 ? z : slope * z;
        }
        return sum / a.length;
    }
}
