package io.neurflow.core.ray;

/**
 * Loops over rows of channels, written so that the JIT compiler turns them into vector instructions: one array for each
 * operand, the same index in all of them.
 */
final class Kernels {
    private Kernels() {}

    /** a += x w, b += y w. */
    static void addTwice(float[] a, float[] b, float[] w, float x, float y) {
        for (int j = 0; j < a.length; j++) {
            a[j] += x * w[j];
            b[j] += y * w[j];
        }
    }

    /** a += x w. */
    static void add(float[] a, float[] w, float x) {
        for (int j = 0; j < a.length; j++) {
            a[j] += x * w[j];
        }
    }

    /** r = a + alpha b. */
    static void line(float[] r, float[] a, float[] b, float alpha) {
        for (int j = 0; j < r.length; j++) {
            r[j] = a[j] + alpha * b[j];
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

    /** t += u0 v0 + u1 v1 + u2 v2. */
    static void addProducts(float[] t, float[] u0, float[] v0, float[] u1, float[] v1, float[] u2, float[] v2) {
        for (int j = 0; j < t.length; j++) {
            t[j] += u0[j] * v0[j] + u1[j] * v1[j] + u2[j] * v2[j];
        }
    }

    /** The sum of all, in eight chains that do not wait for each other. */
    static float sum(float[] t) {
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
