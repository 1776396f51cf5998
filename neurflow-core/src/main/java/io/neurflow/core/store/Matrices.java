package io.neurflow.core.store;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.NeurflowException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Matrices of doubles as bytes, bit for bit. Big-endian: {@code NFMX}, version 1, number of matrices; for each its rows,
 * columns, bytes of a value, and values row by row. A matrix all of whose values are floats takes 4 bytes for each.
 */
public final class Matrices {
    private static final int MAGIC = 0x4e464d58;
    private static final int VERSION = 1;
    private static final int HEAD = 3 * Integer.BYTES;

    private Matrices() {}

    /**
     * Writes matrices.
     *
     * @param matrices each with rows of one length
     * @return bytes, fewer than 2^31
     * @throws IllegalArgumentException if rows have different lengths
     * @throws ArithmeticException if they need 2^31 bytes or more
     */
    public static byte[] toBytes(List<double[][]> matrices) {
        int[] width = new int[matrices.size()];
        long size = HEAD;
        for (int i = 0; i < width.length; i++) {
            double[][] matrix = matrices.get(i);
            width[i] = areFloats(matrix) ? Float.BYTES : Double.BYTES;
            size += HEAD + (long) matrix.length * columns(matrix) * width[i];
        }
        ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(size));
        out.putInt(MAGIC).putInt(VERSION).putInt(width.length);
        for (int i = 0; i < width.length; i++) {
            double[][] matrix = matrices.get(i);
            out.putInt(matrix.length).putInt(columns(matrix)).putInt(width[i]);
            for (double[] row : matrix) {
                for (double value : row) {
                    if (width[i] == Float.BYTES) {
                        out.putFloat((float) value);
                    } else {
                        out.putDouble(value);
                    }
                }
            }
        }
        return out.array();
    }

    private static int columns(double[][] matrix) {
        int columns = matrix.length == 0 ? 0 : matrix[0].length;
        for (double[] row : matrix) {
            if (row.length != columns) {
                throw new IllegalArgumentException(
                        "expected rows of " + columns + " values, but one has " + row.length + "; fill it up");
            }
        }
        return columns;
    }

    private static boolean areFloats(double[][] matrix) {
        return Arrays.stream(matrix)
                .flatMapToDouble(Arrays::stream)
                .allMatch(v -> Double.doubleToRawLongBits((float) v) == Double.doubleToRawLongBits(v));
    }

    /**
     * Reads what {@link #toBytes} wrote.
     *
     * @param bytes all of it
     * @return the matrices
     * @throws NeurflowException if it is something else
     */
    public static ImmutableList<double[][]> ofBytes(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            if (in.getInt() != MAGIC || in.getInt() != VERSION) {
                throw damaged();
            }
            int count = in.getInt();
            ImmutableList.Builder<double[][]> matrices = ImmutableList.builder();
            for (int i = 0; i < count; i++) {
                matrices.add(matrix(in, in.getInt(), in.getInt(), in.getInt()));
            }
            if (in.hasRemaining()) {
                throw damaged();
            }
            return matrices.build();
        } catch (BufferUnderflowException e) {
            throw damaged();
        }
    }

    private static double[][] matrix(ByteBuffer in, int rows, int columns, int width) {
        if (rows < 0
                || columns < 0
                || (width != Float.BYTES && width != Double.BYTES)
                || (columns == 0 && rows > 0)
                || (long) rows * columns > in.remaining() / width) {
            throw damaged();
        }
        double[][] matrix = new double[rows][columns];
        for (double[] row : matrix) {
            for (int c = 0; c < columns; c++) {
                row[c] = width == Float.BYTES ? in.getFloat() : in.getDouble();
            }
        }
        return matrix;
    }

    private static NeurflowException damaged() {
        return new NeurflowException(
                "expected matrices as this version writes them, but found other bytes; compute anew");
    }
}
