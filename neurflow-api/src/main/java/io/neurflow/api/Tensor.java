package io.neurflow.api;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;
import static com.google.common.base.Preconditions.checkPositionIndexes;

import com.google.common.primitives.ImmutableIntArray;
import java.util.Arrays;
import java.util.List;

/**
 * Activations of one layer for several inputs: values indexed [item, channel, row, column], row-major, in single or double
 * precision. Immutable: the array handed to {@link #ofFloats} or {@link #ofDoubles} belongs to the tensor from then on, and
 * arrays that are handed out are copies.
 */
public final class Tensor {
    private final int count;
    private final Shape shape;
    private final Precision precision;
    /** The values in single precision, else empty; exactly one of the two arrays is used. */
    private final float[] floats;

    private final double[] doubles;

    private Tensor(int count, Shape shape, Precision precision, float[] floats, double[] doubles) {
        int length = floats.length + doubles.length;
        checkArgument(
                (long) count * shape.size() == length,
                "expected %s values for %s items of shape %s, but there are %s",
                (long) count * shape.size(),
                count,
                shape,
                length);
        this.count = count;
        this.shape = shape;
        this.precision = precision;
        this.floats = floats;
        this.doubles = doubles;
    }

    /**
     * A single-precision tensor.
     *
     * @param count number of items
     * @param shape extent of each
     * @param values {@code count * shape.size()} values, row-major; not to be written to afterwards
     * @return the tensor
     */
    public static Tensor ofFloats(int count, Shape shape, float[] values) {
        return new Tensor(count, shape, Precision.FLOAT32, values, new double[0]);
    }

    /**
     * A double-precision tensor.
     *
     * @param count number of items
     * @param shape extent of each
     * @param values {@code count * shape.size()} values, row-major; not to be written to afterwards
     * @return the tensor
     */
    public static Tensor ofDoubles(int count, Shape shape, double[] values) {
        return new Tensor(count, shape, Precision.FLOAT64, new float[0], values);
    }

    /**
     * A tensor of the given precision, rounded to it if need be.
     *
     * @param count number of items
     * @param shape extent of each
     * @param values {@code count * shape.size()} values, row-major; not to be written to afterwards
     * @param precision how to store them
     * @return the tensor
     */
    public static Tensor of(int count, Shape shape, double[] values, Precision precision) {
        return precision == Precision.FLOAT64
                ? ofDoubles(count, shape, values)
                : ofFloats(count, shape, narrow(values));
    }

    /**
     * A tensor of zeros.
     *
     * @param count number of items
     * @param shape extent of each
     * @param precision single or double
     * @return the tensor
     */
    public static Tensor zeros(int count, Shape shape, Precision precision) {
        int n = Math.multiplyExact(count, shape.size());
        return precision == Precision.FLOAT64
                ? ofDoubles(count, shape, new double[n])
                : ofFloats(count, shape, new float[n]);
    }

    /**
     * The items of several tensors, one after the other.
     *
     * @param parts at least one, of the same shape and precision
     * @return their concatenation
     */
    public static Tensor concat(List<Tensor> parts) {
        checkArgument(!parts.isEmpty(), "expected at least one tensor to concatenate, but there is none");
        Tensor first = parts.get(0);
        int count = 0;
        for (Tensor part : parts) {
            checkArgument(
                    part.shape.equals(first.shape) && part.precision() == first.precision(),
                    "expected %s %s, but a part has %s %s",
                    first.shape,
                    first.precision(),
                    part.shape,
                    part.precision());
            count = Math.addExact(count, part.count);
        }
        Tensor result = zeros(count, first.shape, first.precision());
        int at = 0;
        for (Tensor part : parts) {
            System.arraycopy(part.array(), 0, result.array(), at, part.count * first.shape.size());
            at += part.count * first.shape.size();
        }
        return result;
    }

    /**
     * Number of items.
     *
     * @return the first extent
     */
    public int count() {
        return count;
    }

    /**
     * Extent of one item.
     *
     * @return channels, rows, columns
     */
    public Shape shape() {
        return shape;
    }

    /**
     * How values are stored.
     *
     * @return single or double
     */
    public Precision precision() {
        return precision;
    }

    /**
     * One value.
     *
     * @param item 0 up to {@code count()}
     * @param channel 0 up to {@code shape().channels()}
     * @param row 0 up to {@code shape().height()}
     * @param column 0 up to {@code shape().width()}
     * @return the value
     */
    public double at(int item, int channel, int row, int column) {
        checkElementIndex(item, count, "item");
        checkPosition(channel, row, column);
        return at(((item * shape.channels() + channel) * shape.height() + row) * shape.width() + column);
    }

    private void checkPosition(int channel, int row, int column) {
        checkElementIndex(channel, shape.channels(), "channel");
        checkElementIndex(row, shape.height(), "row");
        checkElementIndex(column, shape.width(), "column");
    }

    private double at(int i) {
        return isSingle() ? floats[i] : doubles[i];
    }

    private boolean isSingle() {
        return precision == Precision.FLOAT32;
    }

    private Object array() {
        return isSingle() ? floats : doubles;
    }

    /**
     * The values in single precision.
     *
     * @return a fresh array, row-major
     */
    public float[] toFloats() {
        return isSingle() ? floats.clone() : narrow(doubles);
    }

    /**
     * Some values of one item in single precision, into an array of the caller's: for those who stream through many items.
     *
     * @param item 0 up to {@code count()}
     * @param first first value of the item, row-major
     * @param length how many values
     * @param into where they go
     * @param at position in {@code into} of the first one
     */
    public void copyFloats(int item, int first, int length, float[] into, int at) {
        checkElementIndex(item, count, "item");
        checkPositionIndexes(first, first + length, shape.size());
        int start = item * shape.size() + first;
        if (isSingle()) {
            System.arraycopy(floats, start, into, at, length);
        } else {
            for (int i = 0; i < length; i++) {
                into[at + i] = (float) doubles[start + i];
            }
        }
    }

    /**
     * The values in double precision.
     *
     * @return a fresh array, row-major
     */
    public double[] toDoubles() {
        if (!isSingle()) {
            return doubles.clone();
        }
        double[] wide = new double[floats.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = floats[i];
        }
        return wide;
    }

    /**
     * Some consecutive items.
     *
     * @param from first item
     * @param to after the last item
     * @return a copy of them
     */
    public Tensor slice(int from, int to) {
        checkPositionIndexes(from, to, count);
        int size = shape.size();
        return isSingle()
                ? ofFloats(to - from, shape, Arrays.copyOfRange(floats, from * size, to * size))
                : ofDoubles(to - from, shape, Arrays.copyOfRange(doubles, from * size, to * size));
    }

    /**
     * Some items, in any order, repeated at will.
     *
     * @param items indices of items
     * @return a copy of them, in the order given
     */
    public Tensor select(ImmutableIntArray items) {
        Tensor result = zeros(items.length(), shape, precision());
        for (int i = 0; i < items.length(); i++) {
            int item = checkElementIndex(items.get(i), count, "item");
            System.arraycopy(array(), item * shape.size(), result.array(), i * shape.size(), shape.size());
        }
        return result;
    }

    /**
     * Every item multiplied by each of several factors: item-major, so that the copies of one item stand together.
     *
     * @param factors what to multiply by
     * @return {@code count() * factors.length} items
     */
    public Tensor scaled(double... factors) {
        int size = shape.size();
        Tensor result = zeros(Math.multiplyExact(count, factors.length), shape, precision());
        for (int item = 0; item < count; item++) {
            for (int f = 0; f < factors.length; f++) {
                int to = (item * factors.length + f) * size;
                for (int i = 0; i < size; i++) {
                    if (isSingle()) {
                        result.floats[to + i] = (float) (factors[f] * floats[item * size + i]);
                    } else {
                        result.doubles[to + i] = factors[f] * doubles[item * size + i];
                    }
                }
            }
        }
        return result;
    }

    /**
     * The tensor with some channels set to zero in every item: the knock-out of Definition 2.
     *
     * @param channels which ones
     * @return a copy
     */
    public Tensor withoutChannels(Iterable<Integer> channels) {
        Tensor result = slice(0, count);
        for (int channel : channels) {
            checkElementIndex(channel, shape.channels(), "channel");
            for (int item = 0; item < count; item++) {
                int from = (item * shape.channels() + channel) * shape.positions();
                if (isSingle()) {
                    Arrays.fill(result.floats, from, from + shape.positions(), 0f);
                } else {
                    Arrays.fill(result.doubles, from, from + shape.positions(), 0.0);
                }
            }
        }
        return result;
    }

    /**
     * &phi; of every neuron for every item: the mean over the positions of its feature map, signed, summed in double
     * precision.
     *
     * @return a fresh matrix, [item][channel]
     */
    public double[][] spatialMeans() {
        double[][] means = new double[count][shape.channels()];
        int positions = shape.positions();
        for (int item = 0; item < count; item++) {
            for (int c = 0; c < shape.channels(); c++) {
                int from = (item * shape.channels() + c) * positions;
                double sum = 0;
                for (int p = from; p < from + positions; p++) {
                    sum += at(p);
                }
                means[item][c] = sum / positions;
            }
        }
        return means;
    }

    private static float[] narrow(double[] values) {
        float[] narrow = new float[values.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) values[i];
        }
        return narrow;
    }

    @Override
    public String toString() {
        return "Tensor[" + count + " x " + shape + ", " + precision() + "]";
    }
}
