package io.neurflow.core.rival;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The lasso (Tibshirani, 1996): &beta; that makes &Vert;y - Z&beta;&Vert;&sup2; / (2n) + &lambda; &Vert;&beta;&Vert;<sub>1</sub>
 * smallest, by cyclic coordinate descent (Friedman et al., 2010) along 30 values of &lambda;, from the one that leaves nothing down to
 * its hundredth.
 */
final class Lasso {
    private static final int STEPS = 30;
    private static final double RATIO = 0.01;
    private static final int SWEEPS = 500;
    private static final double TOLERANCE = 1e-7;
    private static final int FOLDS = 5;

    private Lasso() {}

    /** The same with the &lambda; of the least squared error in five-fold cross-validation; row v is in fold v mod 5. */
    static double[] crossValidated(double[][] columns, double[] y) {
        double[] lambdas = lambdas(columns, y);
        int folds = Math.min(FOLDS, y.length);
        double[] errors = new double[lambdas.length];
        for (int fold = 0; fold < folds; fold++) {
            int left = fold;
            int[] in =
                    IntStream.range(0, y.length).filter(v -> v % folds != left).toArray();
            int[] out =
                    IntStream.range(0, y.length).filter(v -> v % folds == left).toArray();
            double[][] path = path(rows(columns, in), rows(y, in), lambdas);
            for (int l = 0; l < lambdas.length; l++) {
                for (int v : out) {
                    double off = y[v];
                    for (int c = 0; c < columns.length; c++) {
                        off -= path[l][c] * columns[c][v];
                    }
                    errors[l] += off * off;
                }
            }
        }
        int best =
                IntStream.range(0, lambdas.length).reduce(0, (one, other) -> errors[other] < errors[one] ? other : one);
        return path(columns, y, Arrays.copyOf(lambdas, best + 1))[best];
    }

    private static double[][] rows(double[][] columns, int[] which) {
        return Arrays.stream(columns).map(column -> rows(column, which)).toArray(double[][]::new);
    }

    private static double[] rows(double[] column, int[] which) {
        return Arrays.stream(which).mapToDouble(v -> column[v]).toArray();
    }

    private static double[] lambdas(double[][] columns, double[] y) {
        double most = Arrays.stream(columns)
                .mapToDouble(column -> Math.abs(dot(column, y)) / y.length)
                .max()
                .orElse(0);
        return IntStream.range(0, STEPS)
                .mapToDouble(step -> most * Math.pow(RATIO, step / (STEPS - 1.0)))
                .toArray();
    }

    /**
     * Coefficients for falling &lambda;, each begun where the last ended.
     *
     * @param columns [column][row]
     * @param y [row]
     * @return [lambda][column]
     */
    static double[][] path(double[][] columns, double[] y, double[] lambdas) {
        double[] squares = Arrays.stream(columns)
                .mapToDouble(column -> dot(column, column) / y.length)
                .toArray();
        double[] beta = new double[columns.length];
        double[] residual = y.clone();
        double[][] path = new double[lambdas.length][];
        int[] all = IntStream.range(0, columns.length).toArray();
        double tolerance = TOLERANCE * Math.sqrt(dot(y, y) / y.length);
        for (int l = 0; l < lambdas.length; l++) {
            double lambda = lambdas[l];
            for (int sweep = 0; sweep < SWEEPS; sweep++) {
                if (sweep(all, columns, squares, residual, beta, lambda) <= tolerance) {
                    break;
                }
                int[] active = Arrays.stream(all).filter(c -> beta[c] != 0).toArray();
                for (int inner = 0; inner < SWEEPS; inner++) {
                    if (sweep(active, columns, squares, residual, beta, lambda) <= tolerance) {
                        break;
                    }
                }
            }
            path[l] = beta.clone();
        }
        return path;
    }

    /** Each coordinate to its minimum; the largest change of any. */
    private static double sweep(
            int[] which, double[][] columns, double[] squares, double[] residual, double[] beta, double lambda) {
        double largest = 0;
        for (int c : which) {
            if (squares[c] == 0) {
                continue;
            }
            double[] column = columns[c];
            double pull = dot(column, residual) / residual.length + squares[c] * beta[c];
            double next = Math.signum(pull) * Math.max(Math.abs(pull) - lambda, 0) / squares[c];
            double change = next - beta[c];
            if (change != 0) {
                for (int v = 0; v < residual.length; v++) {
                    residual[v] -= change * column[v];
                }
                beta[c] = next;
                largest = Math.max(largest, Math.abs(change));
            }
        }
        return largest;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
