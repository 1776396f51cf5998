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

    /** The sum of all, in pairs of pairs: neither does one addition wait for all before it, nor rounding grow with the length. */
    static float sum(float[] t) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        int end = t.length & ~15;
        for (int j = 0; j < end; j += 16) {
            s0 += (t[j] + t[j + 1]) + (t[j + 2] + t[j + 3]);
            s1 += (t[j + 4] + t[j + 5]) + (t[j + 6] + t[j + 7]);
            s2 += (t[j + 8] + t[j + 9]) + (t[j + 10] + t[j + 11]);
            s3 += (t[j + 12] + t[j + 13]) + (t[j + 14] + t[j + 15]);
        }
        for (int j = end; j < t.length; j++) {
            s0 += t[j];
        }
        return (s0 + s1) + (s2 + s3);
    }

    /** The product of parts of two arrays, in four chains that do not wait for each other. */
    static float product(float[] u, int from, float[] v, int at, int count) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        int end = count & ~3;
        for (int j = 0; j < end; j += 4) {
            s0 += u[from + j] * v[at + j];
            s1 += u[from + j + 1] * v[at + j + 1];
            s2 += u[from + j + 2] * v[at + j + 2];
            s3 += u[from + j + 3] * v[at + j + 3];
        }
        for (int j = end; j < count; j++) {
            s0 += u[from + j] * v[at + j];
        }
        return (s0 + s1) + (s2 + s3);
    }
}
