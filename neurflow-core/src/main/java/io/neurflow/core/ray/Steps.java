package io.neurflow.core.ray;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * How the gated values h = gate(c + alpha d) of one patch come about along the ray, as steps in the order of the points: at
 * point n, {@code start[n]} to {@code start[n + 1]}, h of a unit grows by {@code share (c + alpha d)}. A gate that is open at
 * the start has a step at point 0, one that opens or closes later a step there; what never opens has none.
 */
final class Steps {
    private final Points points;
    private final float slope;
    private int count;
    private int[] point;
    private int[] unsortedUnit;
    private int[] unsortedChannel;
    private int[] unsortedPosition;
    private float[] unsortedShare;
    private float[] unsortedConstant;
    private float[] unsortedSlope;

    int[] start = new int[0];
    /** As handed to {@link #add}. */
    int[] unit = new int[0];

    int[] channel = new int[0];
    int[] position = new int[0];
    float[] share = new float[0];
    /** The share times c and times d. */
    float[] constant = new float[0];

    float[] step = new float[0];

    Steps(Points points, double slope, int expected) {
        this.points = points;
        this.slope = (float) slope;
        int capacity = Math.max(16, expected);
        point = new int[capacity];
        unsortedUnit = new int[capacity];
        unsortedChannel = new int[capacity];
        unsortedPosition = new int[capacity];
        unsortedShare = new float[capacity];
        unsortedConstant = new float[capacity];
        unsortedSlope = new float[capacity];
    }

    /** Adds the steps of a unit. */
    void add(int newUnit, int newChannel, int newPosition, float c, float d) {
        float atStart = c > 0 ? 1 : slope;
        if (atStart != 0) {
            put(0, newUnit, newChannel, newPosition, atStart, c, d);
        }
        addChange(newUnit, newChannel, newPosition, c, d);
    }

    /** Adds the step of a unit that is not at point 0, if it has one. */
    void addChange(int newUnit, int newChannel, int newPosition, float c, float d) {
        boolean open = c > 0;
        if (open ? d < 0 : d > 0) {
            int n = points.change(c, d);
            if (n < points.count) {
                put(n, newUnit, newChannel, newPosition, open ? slope - 1 : 1 - slope, c, d);
            }
        }
    }

    private void put(int n, int newUnit, int newChannel, int newPosition, float newShare, float c, float d) {
        if (count == point.length) {
            int capacity = 2 * count;
            point = Arrays.copyOf(point, capacity);
            unsortedUnit = Arrays.copyOf(unsortedUnit, capacity);
            unsortedChannel = Arrays.copyOf(unsortedChannel, capacity);
            unsortedPosition = Arrays.copyOf(unsortedPosition, capacity);
            unsortedShare = Arrays.copyOf(unsortedShare, capacity);
            unsortedConstant = Arrays.copyOf(unsortedConstant, capacity);
            unsortedSlope = Arrays.copyOf(unsortedSlope, capacity);
        }
        point[count] = n;
        unsortedUnit[count] = newUnit;
        unsortedChannel[count] = newChannel;
        unsortedPosition[count] = newPosition;
        unsortedShare[count] = newShare;
        unsortedConstant[count] = newShare * c;
        unsortedSlope[count++] = newShare * d;
    }

    /** Where on the ray a step is; only where there are no points are steps in the order of that. */
    double alpha(int e) {
        double zero = -(double) constant[e] / step[e];
        return e < start[1] ? 0 : Math.min(Math.max(zero, 0), 1);
    }

    /** Puts them in order, when all are there. */
    Steps sorted() {
        start = new int[points.count + 1];
        for (int i = 0; i < count; i++) {
            start[point[i] + 1]++;
        }
        for (int n = 0; n < points.count; n++) {
            start[n + 1] += start[n];
        }
        int[] next = start.clone();
        unit = new int[count];
        channel = new int[count];
        position = new int[count];
        share = new float[count];
        constant = new float[count];
        step = new float[count];
        int[] order = points.exact ? byAlpha() : IntStream.range(0, count).toArray();
        for (int i : order) {
            int to = next[point[i]]++;
            unit[to] = unsortedUnit[i];
            channel[to] = unsortedChannel[i];
            position[to] = unsortedPosition[i];
            share[to] = unsortedShare[i];
            constant[to] = unsortedConstant[i];
            step[to] = unsortedSlope[i];
        }
        return this;
    }

    private int[] byAlpha() {
        long[] keys = new long[count];
        for (int i = 0; i < count; i++) {
            // The bits of positive numbers are in the order of the numbers.
            float alpha = Math.max(0f, -unsortedConstant[i] / unsortedSlope[i]);
            keys[i] = ((long) Float.floatToRawIntBits(alpha) << Integer.SIZE) | i;
        }
        Arrays.sort(keys);
        int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            order[i] = (int) keys[i];
        }
        return order;
    }
}
