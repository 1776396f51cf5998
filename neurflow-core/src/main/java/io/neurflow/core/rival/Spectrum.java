package io.neurflow.core.rival;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableDoubleArray;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/**
 * The covariance &Sigma; = (1 - &delta;) X<sup>T</sup>X / n + &delta; I of standardised columns, as eigenvalues and the eigenvectors
 * that belong to others than &delta;: min(n, p) of them at most, so that functions of &Sigma; cost n p and not p<sup>2</sup>.
 *
 * @param ridge &delta;
 * @param values of X<sup>T</sup>X / n that are not 0
 * @param vectors theirs, each with p components
 * @param size p
 */
record Spectrum(double ridge, ImmutableDoubleArray values, ImmutableList<ImmutableDoubleArray> vectors, int size) {
    private static final int SWEEPS = 60;
    private static final double NOTHING = 1e-10;
    /** Where Ledoit and Wolf would shrink by nothing, as with columns that are multiples of one another. */
    private static final double LEAST_RIDGE = 1e-3;

    /**
     * With the ridge of Ledoit and Wolf (2004): &delta; = min(1, b&sup2; / d&sup2;), b&sup2; = n<sup>-2</sup> &Sigma;<sub>v</sub>
     * &Vert;x<sub>v</sub>x<sub>v</sub><sup>T</sup> - R&Vert;&sup2;, d&sup2; = &Vert;R - I&Vert;&sup2;; at least 0.001.
     *
     * @param x [n][p], each column of mean 0 and variance 1
     */
    static Spectrum of(double[][] x) {
        int n = x.length;
        int p = x[0].length;
        boolean wide = p > n;
        double[][] gram = gram(x, wide);
        double[][] rotation = new double[gram.length][gram.length];
        jacobi(gram, rotation);
        ImmutableDoubleArray.Builder values = ImmutableDoubleArray.builder();
        ImmutableList.Builder<ImmutableDoubleArray> vectors = ImmutableList.builder();
        double squares = 0;
        for (int i = 0; i < gram.length; i++) {
            double value = gram[i][i];
            if (value > NOTHING) {
                squares += value * value;
                values.add(value);
                vectors.add(ImmutableDoubleArray.copyOf(vector(x, rotation, i, wide ? Math.sqrt(n * value) : 0)));
            }
        }
        double fourth = 0;
        for (double[] row : x) {
            double norm = Arrays.stream(row).map(v -> v * v).sum();
            fourth += norm * norm;
        }
        double b = (fourth / n - squares) / n;
        double d = squares - p; // ||R||^2 - 2 tr R + p, tr R = p
        double shrinking = d <= 0 ? 1 : Math.min(1, Math.max(0, b / d));
        return new Spectrum(Math.max(LEAST_RIDGE, shrinking), values.build(), vectors.build(), p);
    }

    private static double[][] gram(double[][] x, boolean wide) {
        int n = x.length;
        int size = wide ? n : x[0].length;
        double[][] gram = new double[size][size];
        for (int i = 0; i < size; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = 0;
                if (wide) {
                    for (int c = 0; c < x[i].length; c++) {
                        sum += x[i][c] * x[j][c];
                    }
                } else {
                    for (double[] row : x) {
                        sum += row[i] * row[j];
                    }
                }
                gram[i][j] = sum / n;
                gram[j][i] = sum / n;
            }
        }
        return gram;
    }

    /** A right singular vector; of a wide matrix from the left one, X<sup>T</sup>u / |X<sup>T</sup>u|. */
    private static double[] vector(double[][] x, double[][] rotation, int i, double norm) {
        double[] vector = new double[x[0].length];
        if (norm == 0) {
            Arrays.setAll(vector, c -> rotation[c][i]);
            return vector;
        }
        for (int v = 0; v < x.length; v++) {
            for (int c = 0; c < vector.length; c++) {
                vector[c] += x[v][c] * rotation[v][i] / norm;
            }
        }
        return vector;
    }

    /** Cyclic Jacobi rotations until the matrix is diagonal; the columns of the other are its eigenvectors. */
    private static void jacobi(double[][] a, double[][] vectors) {
        int n = a.length;
        for (int i = 0; i < n; i++) {
            vectors[i][i] = 1;
        }
        for (int sweep = 0; sweep < SWEEPS && offDiagonal(a) > 1e-22; sweep++) {
            for (int p = 0; p < n; p++) {
                for (int q = p + 1; q < n; q++) {
                    if (a[p][q] != 0) {
                        rotate(a, vectors, p, q);
                    }
                }
            }
        }
    }

    /** The squares off the diagonal as a share of those on it. */
    private static double offDiagonal(double[][] a) {
        double off = 0;
        double on = 0;
        for (int i = 0; i < a.length; i++) {
            on += a[i][i] * a[i][i];
            for (int j = 0; j < i; j++) {
                off += a[i][j] * a[i][j];
            }
        }
        return on == 0 ? 0 : off / on;
    }

    private static void rotate(double[][] a, double[][] vectors, int p, int q) {
        double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        double t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        double cosine = 1 / Math.sqrt(t * t + 1);
        double sine = t * cosine;
        for (double[] row : a) {
            turn(row, p, q, cosine, sine);
        }
        for (int i = 0; i < a.length; i++) {
            double one = a[p][i];
            double other = a[q][i];
            a[p][i] = cosine * one - sine * other;
            a[q][i] = sine * one + cosine * other;
        }
        for (double[] row : vectors) {
            turn(row, p, q, cosine, sine);
        }
    }

    private static void turn(double[] row, int p, int q, double cosine, double sine) {
        double one = row[p];
        double other = row[q];
        row[p] = cosine * one - sine * other;
        row[q] = sine * one + cosine * other;
    }

    private double shrunk(int i) {
        return ridge + (1 - ridge) * values.get(i);
    }

    /** The least eigenvalue of &Sigma;. */
    double least() {
        return vectors.size() < size
                ? ridge
                : IntStream.range(0, values.length())
                        .mapToDouble(this::shrunk)
                        .min()
                        .orElse(ridge);
    }

    /** f(&Sigma;) v, f being applied to the eigenvalues. */
    double[] apply(DoubleUnaryOperator f, double[] v) {
        double rest = f.applyAsDouble(ridge);
        double[] result = new double[size];
        Arrays.setAll(result, c -> rest * v[c]);
        for (int i = 0; i < vectors.size(); i++) {
            ImmutableDoubleArray w = vectors.get(i);
            double along = 0;
            for (int c = 0; c < size; c++) {
                along += w.get(c) * v[c];
            }
            along *= f.applyAsDouble(shrunk(i)) - rest;
            for (int c = 0; c < size; c++) {
                result[c] += along * w.get(c);
            }
        }
        return result;
    }
}
