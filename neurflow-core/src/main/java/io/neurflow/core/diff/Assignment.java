package io.neurflow.core.diff;

import java.util.Arrays;

/** The pairing of rows with columns that has the largest sum: the Hungarian method, cubic in the number of rows. */
final class Assignment {
    private Assignment() {}

    /** For each row its column, or -1; {@code value[row][column]} is finite. Every row has one if there are enough columns. */
    static int[] best(double[][] value, int columns) {
        int rows = value.length;
        int n = Math.max(rows, columns);
        // Potentials and matches are counted from 1; 0 stands for "none yet".
        double[] rowPotential = new double[n + 1];
        double[] columnPotential = new double[n + 1];
        int[] rowOf = new int[n + 1];
        for (int row = 1; row <= n; row++) {
            int[] before = new int[n + 1];
            double[] slack = new double[n + 1];
            boolean[] done = new boolean[n + 1];
            Arrays.fill(slack, Double.POSITIVE_INFINITY);
            rowOf[0] = row;
            int at = 0;
            while (rowOf[at] != 0) {
                done[at] = true;
                int next = 0;
                double least = Double.POSITIVE_INFINITY;
                for (int column = 1; column <= n; column++) {
                    if (!done[column]) {
                        double cost = cost(value, columns, rowOf[at] - 1, column - 1)
                                - rowPotential[rowOf[at]]
                                - columnPotential[column];
                        if (cost < slack[column]) {
                            slack[column] = cost;
                            before[column] = at;
                        }
                        if (slack[column] < least) {
                            least = slack[column];
                            next = column;
                        }
                    }
                }
                for (int column = 0; column <= n; column++) {
                    if (done[column]) {
                        rowPotential[rowOf[column]] += least;
                        columnPotential[column] -= least;
                    } else {
                        slack[column] -= least;
                    }
                }
                at = next;
            }
            while (at != 0) {
                rowOf[at] = rowOf[before[at]];
                at = before[at];
            }
        }
        int[] columnOf = new int[rows];
        Arrays.fill(columnOf, -1);
        for (int column = 1; column <= columns; column++) {
            if (rowOf[column] <= rows) {
                columnOf[rowOf[column] - 1] = column - 1;
            }
        }
        return columnOf;
    }

    private static double cost(double[][] value, int columns, int row, int column) {
        return row < value.length && column < columns ? -value[row][column] : 0;
    }
}
