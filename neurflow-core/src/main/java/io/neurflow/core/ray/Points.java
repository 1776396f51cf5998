package io.neurflow.core.ray;

import com.google.common.primitives.ImmutableDoubleArray;
import io.neurflow.api.Quadrature;

/**
 * The nodes of a quadrature with both ends of the ray around them, which weigh nothing: where gates are looked at. Of the exact
 * integral there are the ends alone.
 */
final class Points {
    /** Cells of the table that a search for a point starts from, for each point. */
    private static final int CELLS = 4;

    /** Ascending; the first is 0, the last 1. */
    final float[] alpha;

    final float[] weight;
    final boolean exact;
    final int count;
    /** Weight of the points before each of them, at last of all. */
    private final double[] before;
    /** The first point but 0 behind the start of each of the cells that [0, 1] is divided into. */
    private final int[] guide;

    Points(Quadrature quadrature) {
        count = quadrature.steps() + 2;
        alpha = new float[count];
        weight = new float[count];
        alpha[count - 1] = 1;
        exact = quadrature.isExact();
        ImmutableDoubleArray nodes = exact ? ImmutableDoubleArray.of() : quadrature.nodes();
        ImmutableDoubleArray weights = exact ? nodes : quadrature.weights();
        before = new double[count + 1];
        for (int n = 1; n < count - 1; n++) {
            alpha[n] = (float) nodes.get(n - 1);
            weight[n] = (float) weights.get(n - 1);
            before[n + 1] = before[n] + weight[n];
        }
        before[count] = before[count - 1];
        guide = new int[CELLS * count];
        int n = 1;
        for (int cell = 0; cell < guide.length; cell++) {
            while (n < count - 1 && alpha[n] * guide.length < cell) {
                n++;
            }
            guide[cell] = n;
        }
    }

    /** The first point where c + alpha d is on the other side of 0 than at the start; {@code count} if it stays. */
    int change(float c, float d) {
        boolean open = c > 0;
        if (open ? d >= 0 : d <= 0) {
            return count;
        }
        if (c + d > 0 == open) {
            return count;
        }
        // Where it is 0 up to rounding; from there to where the sum itself, as it is rounded, is on the other side.
        int cell = (int) (-c / d * guide.length);
        int n = guide[Math.min(Math.max(cell, 0), guide.length - 1)];
        while (n > 1 && c + alpha[n - 1] * d > 0 != open) {
            n--;
        }
        while (n < count && c + alpha[n] * d > 0 == open) {
            n++;
        }
        return n;
    }

    /** The weight of all points. */
    double weight() {
        return exact ? 1 : before[count];
    }

    /** The length of the part from one alpha to another where c + alpha d is positive. */
    static double open(double c, double d, double from, double to) {
        double first = c + from * d;
        double last = c + to * d;
        if (first > 0 == last > 0) {
            return first > 0 ? to - from : 0;
        }
        double zero = Math.min(Math.max(-c / d, from), to);
        return first > 0 ? zero - from : to - zero;
    }

    /** The weight of the points where c + alpha d is positive. */
    double open(float c, float d) {
        if (exact) {
            return open(c, d, 0, 1);
        }
        double first = before[change(c, d)];
        return c > 0 ? first : before[count] - first;
    }
}
