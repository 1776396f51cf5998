package io.neurflow.core.ray;

/**
 * Loops over rows of channels, written so that the JIT compiler turns them into vector instructions: one array for each
 * operand, the same index in all of them.
 */
final class Kernels {
    private Kernels() {}

    /** a += x w. */
    static void add(float[] a, float[] w, float x) {
        for (int j = 0; j < a.length; j++) {
            a[j] += x * w[j];
        }
    }

    /** a += x0 w0 + x1 w1 + x2 w2 + x3 w3; with more terms the compiler gives up. */
    static void add(float[] a, float[] w0, float x0, float[] w1, float x1, float[] w2, float x2, float[] w3, float x3) {
        for (int j = 0; j < a.length; j++) {
            a[j] += x0 * w0[j] + x1 * w1[j] + x2 * w2[j] + x3 * w3[j];
        }
    }

    /** a += x g w. */
    static void add(float[] a, float[] g, float[] w, float x) {
        for (int j = 0; j < a.length; j++) {
            a[j] += x * g[j] * w[j];
        }
    }

    /** r = a + alpha b. */
    static void line(float[] r, float[] a, float[] b, float alpha) {
        for (int j = 0; j < r.length; j++) {
            r[j] = a[j] + alpha * b[j];
        }
    }

    /** What a gate with the given slope lets through. */
    static void gate(float[] r, float slope) {
        if (slope == 0) {
            for (int j = 0; j < r.length; j++) {
                r[j] = Math.max(r[j], 0);
            }
        } else {
            for (int j = 0; j < r.length; j++) {
                r[j] = Math.max(r[j], 0) + slope * Math.min(r[j], 0);
            }
        }
    }

    /** t = u v. */
    static void product(float[] t, float[] u, float[] v) {
        for (int j = 0; j < t.length; j++) {
            t[j] = u[j] * v[j];
        }
    }

    /** t += u v. */
    static void addProduct(float[] t, float[] u, float[] v) {
        for (int j = 0; j < t.length; j++) {
            t[j] += u[j] * v[j];
        }
    }

    /** t = u0 v0 + u1 v1 + u2 v2. */
    static void products(float[] t, float[] u0, float[] v0, float[] u1, float[] v1, float[] u2, float[] v2) {
        for (int j = 0; j < t.length; j++) {
            t[j] = u0[j] * v0[j] + u1[j] * v1[j] + u2[j] * v2[j];
        }
    }

    /** t += u0 v0 + u1 v1 + u2 v2. */
    static void addProducts(float[] t, float[] u0, float[] v0, float[] u1, float[] v1, float[] u2, float[] v2) {
        for (int j = 0; j < t.length; j++) {
            t[j] += u0[j] * v0[j] + u1[j] * v1[j] + u2[j] * v2[j];
        }
    }

    /** u = sums of four elements of t, of which u has a quarter of the length. */
    static void fold(float[] t, float[] u) {
        int one = u.length;
        int two = 2 * one;
        int three = 3 * one;
        for (int j = 0; j < u.length; j++) {
            u[j] = (t[j] + t[j + one]) + (t[j + two] + t[j + three]);
        }
    }

    /** The sum of all; u is for the compiler's sake, a quarter as long, rounded down. */
    static float sum(float[] t, float[] u) {
        fold(t, u);
        float sum = sum(u);
        for (int j = 4 * u.length; j < t.length; j++) {
            sum += t[j];
        }
        return sum;
    }

    /** In eight chains that do not wait for each other. */
    private static float sum(float[] t) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        float s4 = 0;
        float s5 = 0;
        float s6 = 0;
        float s7 = 0;
        int end = t.length & ~7;
        for (int j = 0; j < end; j += 8) {
            s0 += t[j];
            s1 += t[j + 1];
            s2 += t[j + 2];
            s3 += t[j + 3];
            s4 += t[j + 4];
            s5 += t[j + 5];
            s6 += t[j + 6];
            s7 += t[j + 7];
        }
        for (int j = end; j < t.length; j++) {
            s0 += t[j];
        }
        return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
    }
}
