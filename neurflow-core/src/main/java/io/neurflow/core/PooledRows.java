package io.neurflow.core;

import java.util.ArrayList;
import java.util.List;

/** The pooled activations of one layer, patch by patch, added in ascending order. */
interface PooledRows extends AutoCloseable {
    /** Adds the rows of the next patches. */
    void add(double[][] rows);

    /** A fresh copy of the row of a patch. */
    double[] row(int patch);

    @Override
    void close();

    /** All of them in the Java heap: 8 bytes for each patch and channel. */
    static PooledRows inHeap() {
        List<double[]> all = new ArrayList<>();
        return new PooledRows() {
            @Override
            public void add(double[][] rows) {
                all.addAll(List.of(rows));
            }

            @Override
            public double[] row(int patch) {
                return all.get(patch).clone();
            }

            @Override
            public void close() {
                // Nothing is held but memory.
            }
        };
    }
}
