package io.neurflow.core.ray;

import io.neurflow.core.ray.RayEngine.Pair;
import java.util.Optional;

/**
 * The value under the last gate of one target on one patch at each point of the ray, and from it what weight each of its
 * positions has.
 */
final class Line {
    private final Points points;
    private final Straight straight;
    private final int positions;
    private final Optional<Double> slope;
    /** Before the gate, [point * positions + position]; at first what is affine in alpha, to which others add. */
    final float[] z;

    Line(Points points, Straight straight, Optional<Double> slope) {
        this.points = points;
        this.straight = straight;
        this.positions = straight.step.length;
        this.slope = slope;
        this.z = new float[points.count * positions];
        for (int n = 0; n < points.count; n++) {
            float alpha = points.alpha[n];
            int at = n * positions;
            for (int p = 0; p < positions; p++) {
                z[at + p] = (float) (straight.constant[p] + alpha * straight.step[p]);
            }
        }
    }

    /**
     * Takes down the target's change along the ray and the scores of what is affine.
     *
     * @return the cotangents under the last gate, see {@link #cotangents}
     */
    float[] finish(Pair pair) {
        float[] top = cotangents();
        straight.addScores(sums(top), pair.scores());
        pair.change(change());
        return top;
    }

    /** Weight of the point, times the derivative of the spatial mean, [point * positions + position]. */
    private float[] cotangents() {
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
    private double[] sums(float[] cotangents) {
        double[] sums = new double[positions];
        for (int at = 0; at < cotangents.length; at += positions) {
            for (int p = 0; p < positions; p++) {
                sums[p] += cotangents[at + p];
            }
        }
        return sums;
    }

    /** The spatial mean at the end less that at the start. */
    private double change() {
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
