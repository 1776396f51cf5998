package io.neurflow.core.ray;

import java.util.Optional;

/**
 * The value under the last gate of one target on one patch at each point of the ray, and from it what weight each of its
 * positions has.
 */
final class Line {
    private final Points points;
    private final int positions;
    private final Optional<Double> slope;
    /** Before the gate, [point * positions + position]. */
    final float[] z;

    Line(Points points, int positions, Optional<Double> slope) {
        this.points = points;
        this.positions = positions;
        this.slope = slope;
        this.z = new float[points.count * positions];
    }

    /** Adds what is affine in alpha. */
    void add(int position, double constant, double step) {
        for (int n = 0; n < points.count; n++) {
            z[n * positions + position] += (float) (constant + points.alpha[n] * step);
        }
    }

    /** Weight of the point, times the derivative of the spatial mean, [point * positions + position]. */
    float[] cotangents() {
        float[] top = new float[z.length];
        for (int n = 0; n < points.count; n++) {
            float share = points.weight[n] / positions;
            for (int p = 0; p < positions; p++) {
                top[n * positions + p] = share * (float) gate(z[n * positions + p]);
            }
        }
        return top;
    }

    /** The sum over the points. */
    double[] sums(float[] cotangents) {
        double[] sums = new double[positions];
        for (int i = 0; i < cotangents.length; i++) {
            sums[i % positions] += cotangents[i];
        }
        return sums;
    }

    /** The spatial mean at the end less that at the start. */
    double change() {
        double change = 0;
        int last = z.length - positions;
        for (int p = 0; p < positions; p++) {
            change += z[last + p] * gate(z[last + p]) - z[p] * gate(z[p]);
        }
        return change / positions;
    }

    private double gate(float value) {
        return slope.isEmpty() || value > 0 ? 1 : slope.get();
    }
}
